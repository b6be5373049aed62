package org.memesdetection.cleaning

import android.content.ContentValues
import android.content.Context
import android.media.MediaScannerConnection
import android.net.Uri
import android.os.Build
import android.provider.MediaStore.Images.Media
import java.io.File
import java.io.FileInputStream
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream
import org.memesdetection.cleaning.CleaningError.Kind
import org.memesdetection.gallery.MediaGallery

/** The phone's own pictures below API 30, where apps may write files by their paths. */
internal class MediaPlace(private val context: Context, private val gallery: MediaGallery) :
    Place {
    private val resolver = context.contentResolver

    override fun open(move: Move): InputStream {
        // On API 29 the system blacks places out of what it hands over; by path it does not.
        if (Build.VERSION.SDK_INT == 29 && move.path != null) return FileInputStream(move.path)
        return try {
            resolver.openInputStream(move.uri) ?: throw FileNotFoundException("${move.uri}")
        } catch (error: FileNotFoundException) {
            // The system may have forgotten the row and not the file: see remove.
            if (move.path?.exists() == true) FileInputStream(move.path) else throw error
        }
    }

    override fun isSame(move: Move): Boolean = gallery.photo(move.uri)
        ?.let { it.bytes == move.bytes && it.modified == move.modified } ?: false

    override fun isThere(move: Move): Boolean =
        gallery.photo(move.uri) != null || move.path?.exists() == true

    override fun remove(move: Move) {
        resolver.delete(move.uri, null, null)
        // On memory cards the system may drop only the row: then it must learn of the file again.
        if (move.path?.exists() == true) {
            insert(move, move.path)
            throw CleaningError(Kind.NOT_ALLOWED)
        }
        if (gallery.photo(move.uri) != null) throw CleaningError(Kind.NOT_ALLOWED)
    }

    override fun putBack(entry: Entry, intend: (Entry) -> Entry, reached: (Step) -> Unit): Entry {
        if (Build.VERSION.SDK_INT >= 30) return putIntoLibrary(entry, intend)
        val move = entry.move
        val path = move.path ?: throw CleaningError(Kind.NO_STORAGE)
        val folder = path.parentFile!!
        if (!folder.isDirectory && !folder.mkdirs()) throw CleaningError(Kind.NO_STORAGE)
        val (intended, target) = reserve(entry, path, intend, reached)
        val part = part(entry, target)
        try {
            part.delete()
            Copying.copy({ FileInputStream(move.kept!!) }, part, move.sha256)
            part.setLastModified(move.modified * 1000)
            reached(Step.WRITTEN)
            if (!part.renameTo(target)) throw IOException("$part cannot be renamed")
        } catch (error: Exception) {
            part.delete()
            target.delete()
            throw error
        }
        Copying.syncFolder(folder)
        reached(Step.BACK)
        return intended.copy(back = address(move, target) ?: target.path)
    }

    /** Make an empty file with a name that is free, so that nothing is ever written over. */
    private fun reserve(
        entry: Entry,
        path: File,
        intend: (Entry) -> Entry,
        reached: (Step) -> Unit,
    ): Pair<Entry, File> {
        for (number in 1..MOST_TRIED) {
            val target = if (number == 1) {
                path
            } else {
                File(
                    path.parentFile,
                    "${path.nameWithoutExtension} ($number)" +
                        path.extension.let { if (it.isEmpty()) "" else ".$it" },
                )
            }
            if (target.exists()) continue
            val intended = intend(entry.copy(back = target.path))
            reached(Step.BACK_INTENDED)
            if (target.createNewFile()) {
                reached(Step.RESERVED)
                return Pair(intended, target)
            }
        }
        throw CleaningError(Kind.NO_STORAGE)
    }

    override fun settleBack(entry: Entry): Entry? {
        val back = entry.back ?: return null
        if (back.startsWith("content:")) return settleInLibrary(entry, Uri.parse(back))
        val target = File(back)
        part(entry, target).delete()
        if (Copying.holds(target, entry.move.sha256)) {
            return entry.copy(back = address(entry.move, target) ?: back)
        }
        // An empty file is the reserved name.
        if (target.length() == 0L) target.delete()
        return null
    }

    private fun part(entry: Entry, target: File) =
        File(target.parentFile, ".memes-${entry.id}.part")

    /** The address of a file that is back, which the system's list gets if it lacks it. */
    private fun address(move: Move, file: File): String? = (known(file) ?: insert(move, file))
        ?.toString()

    private fun known(file: File): Uri? = resolver.query(
        Media.EXTERNAL_CONTENT_URI,
        arrayOf("_id"),
        "_data = ?",
        arrayOf(file.path),
        null,
    )?.use {
        if (!it.moveToFirst()) {
            null
        } else {
            Uri.withAppendedPath(Media.EXTERNAL_CONTENT_URI, it.getString(0))
        }
    }

    private fun insert(move: Move, file: File): Uri? = try {
        val values = ContentValues()
        values.put("_data", file.path)
        values.put("_display_name", file.name)
        values.put("mime_type", move.mime)
        values.put("datetaken", move.taken)
        values.put("date_modified", move.modified)
        values.put("_size", move.bytes)
        resolver.insert(Media.EXTERNAL_CONTENT_URI, values)
    } catch (_: RuntimeException) {
        MediaScannerConnection.scanFile(context, arrayOf(file.path), arrayOf(move.mime), null)
        null
    }

    /**
     * After an update to API 30 or later a file in the app's own trash cannot go back to its path
     * any more: it goes to the folder of pictures.
     */
    private fun putIntoLibrary(entry: Entry, intend: (Entry) -> Entry): Entry {
        val move = entry.move
        val values = ContentValues()
        values.put("_display_name", move.name)
        values.put("mime_type", move.mime)
        values.put("relative_path", "Pictures/")
        values.put("datetaken", move.taken)
        values.put("is_pending", 1)
        val uri = resolver.insert(Media.EXTERNAL_CONTENT_URI, values)
            ?: throw CleaningError(Kind.NO_STORAGE)
        val intended = intend(entry.copy(back = "$uri"))
        try {
            resolver.openFileDescriptor(uri, "w")!!.use { file ->
                val out = java.io.FileOutputStream(file.fileDescriptor)
                FileInputStream(move.kept!!).use { Copying.copy(it, out) }
                out.fd.sync()
            }
            if (!Copying.holds({ resolver.openInputStream(uri)!! }, move.sha256)) {
                throw CleaningError(Kind.BAD_COPY)
            }
            val done = ContentValues()
            done.put("is_pending", 0)
            resolver.update(uri, done, null, null)
        } catch (error: Exception) {
            resolver.delete(uri, null, null)
            throw error
        }
        return intended
    }

    private fun settleInLibrary(entry: Entry, uri: Uri): Entry? {
        val whole = Copying.holds(
            { resolver.openInputStream(uri) ?: throw FileNotFoundException() },
            entry.move.sha256,
        )
        if (whole) {
            val done = ContentValues()
            done.put("is_pending", 0)
            resolver.update(uri, done, null, null)
            return entry
        }
        resolver.delete(uri, null, null)
        return null
    }

    private companion object {
        const val MOST_TRIED = 10_000
    }
}
