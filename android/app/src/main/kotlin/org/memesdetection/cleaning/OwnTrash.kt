package org.memesdetection.cleaning

import android.content.Context
import java.io.File
import java.io.IOException

/**
 * The app's own trash: folders of the app, one on each storage, which galleries leave out. A file
 * keeps its name behind a number, so that a person would know it again even without the journal.
 */
internal class OwnTrash(private val context: Context) {
    /**
     * A free place for a picture, on its own storage where the app has a folder there.
     *
     * @param path of the picture, or null.
     * @param index of the picture in its clean-up.
     */
    fun place(name: String, path: File?, time: Long, index: Int): File =
        File(folder(path), "$time-$index-${name.replace('/', '_').takeLast(LONGEST)}")

    private fun folder(path: File?): File {
        val own = path?.let { context.getExternalFilesDirs(null) }.orEmpty().filterNotNull()
        val near = own.firstOrNull { dir ->
            val root = dir.path.substringBefore("/Android/data/", "")
            root.isNotEmpty() && path!!.path.startsWith("$root/")
        }
        return File(near ?: context.filesDir, "trash")
    }

    /** Make the folder of a place, if it is not there. */
    fun prepare(kept: File) {
        val folder = kept.parentFile!!
        if (!folder.isDirectory && !folder.mkdirs()) throw IOException("$folder cannot be made")
        File(folder, ".nomedia").createNewFile()
    }

    /** The name of a copy that is not whole yet. */
    fun part(kept: File) = File(kept.path + ".part")

    private companion object {
        /** Letters, which may take up to four bytes each of 255. */
        const val LONGEST = 50
    }
}
