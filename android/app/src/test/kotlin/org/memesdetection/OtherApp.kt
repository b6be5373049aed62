package org.memesdetection

import android.content.ContentProvider
import android.content.ContentValues
import android.content.Intent
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import android.provider.OpenableColumns
import java.io.File
import java.io.FileNotFoundException
import org.robolectric.Robolectric

/** Another app's files, as they come from the system's picker or by sharing. */
class OtherApp : ContentProvider() {
    private val folder by lazy { File(context!!.cacheDir, "other").apply { mkdirs() } }

    /** Whether the app is out of space. */
    var isFull = false

    fun put(name: String, content: ByteArray): Uri {
        file(name).writeBytes(content)
        return uri(name)
    }

    fun put(file: File): Uri = put(file.name, file.readBytes())

    fun uri(name: String): Uri =
        Uri.parse("content://$AUTHORITY").buildUpon().appendPath(name).build()

    fun file(name: String) = File(folder, name)

    override fun onCreate() = true

    override fun query(
        uri: Uri,
        columns: Array<String>?,
        where: String?,
        arguments: Array<String>?,
        order: String?,
    ): Cursor {
        val file = file(uri.lastPathSegment!!)
        val row = mapOf(
            OpenableColumns.DISPLAY_NAME to file.name,
            OpenableColumns.SIZE to file.length(),
        )
        val names = columns ?: row.keys.toTypedArray()
        return MatrixCursor(names).apply { if (file.exists()) addRow(names.map { row[it] }) }
    }

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        if (isFull && 'w' in mode) throw FileNotFoundException("ENOSPC")
        return ParcelFileDescriptor.open(
            file(uri.lastPathSegment!!),
            ParcelFileDescriptor.parseMode(mode),
        )
    }

    override fun getType(uri: Uri) = "image/jpeg"

    override fun insert(uri: Uri, values: ContentValues?) = null

    override fun delete(uri: Uri, where: String?, arguments: Array<String>?) = 0

    override fun update(
        uri: Uri,
        values: ContentValues?,
        where: String?,
        arguments: Array<String>?,
    ) = 0

    companion object {
        private const val AUTHORITY = "org.example.files"

        fun install(): OtherApp =
            Robolectric.buildContentProvider(OtherApp::class.java).create(AUTHORITY).get()

        /** What the system's picker answers. */
        fun picked(vararg uris: Uri): Intent = Intent().apply {
            if (uris.size == 1) {
                data = uris.single()
                return@apply
            }
            clipData = android.content.ClipData.newRawUri(null, uris.first())
            uris.drop(1).forEach { clipData!!.addItem(android.content.ClipData.Item(it)) }
        }
    }
}
