package org.memesdetection.gallery

import android.content.ContentResolver
import android.database.Cursor
import android.net.Uri
import android.os.Bundle
import android.provider.DocumentsContract
import android.provider.DocumentsContract.Document

/** The pictures of a folder that the user chose in the system's dialog, without any permission. */
class TreeGallery(private val resolver: ContentResolver) {
    /**
     * The pictures in the folder and the folders in it; hidden ones are left out.
     *
     * @param tree as the system's dialog gave it.
     * @throws GalleryError the folder cannot be listed.
     */
    fun photos(tree: Uri): List<Photo> {
        val found = ArrayList<Photo>()
        val root = DocumentsContract.getTreeDocumentId(tree)
        val name = named(DocumentsContract.buildDocumentUriUsingTree(tree, root))
        val folders = ArrayDeque(listOf(Pair(root, "$name/")))
        val visited = hashSetOf(root)
        while (folders.isNotEmpty()) {
            val (id, path) = folders.removeFirst()
            val children = DocumentsContract.buildChildDocumentsUriUsingTree(tree, id)
            query(children).use { rows ->
                while (rows.moveToNext()) {
                    val child = rows.getString(0)
                    val childName = rows.getString(1).orEmpty()
                    val mime = rows.getString(2).orEmpty()
                    if (childName.startsWith(".")) continue
                    if (mime == Document.MIME_TYPE_DIR) {
                        if (visited.add(child)) folders += Pair(child, "$path$childName/")
                    } else if (mime.startsWith("image/")) {
                        val uri = DocumentsContract.buildDocumentUriUsingTree(tree, child)
                        found += photo(uri, rows, path)
                    }
                }
            }
        }
        return found
    }

    /**
     * A picture as it is now, or null if it is gone.
     *
     * @param folder which it was found in.
     * @throws GalleryError the app may not look any more.
     */
    fun photo(uri: Uri, folder: String): Photo? = try {
        resolver.query(uri, COLUMNS, Bundle.EMPTY, null)?.use {
            if (it.moveToFirst()) photo(uri, it, folder) else null
        }
    } catch (error: SecurityException) {
        throw NoFolder().apply { initCause(error) }
    } catch (_: RuntimeException) {
        // Providers say in their own ways that there is no such document.
        null
    }

    private fun photo(uri: Uri, row: Cursor, folder: String): Photo {
        val modified = row.getLong(4)
        return Photo(
            uri,
            row.getString(1).orEmpty(),
            folder,
            row.getLong(3),
            modified / 1000,
            modified,
            row.getString(2).orEmpty(),
        )
    }

    private fun named(uri: Uri): String =
        query(uri).use { if (it.moveToFirst()) it.getString(1).orEmpty() else throw NoFolder() }

    private fun query(uri: Uri): Cursor = try {
        resolver.query(uri, COLUMNS, Bundle.EMPTY, null)
    } catch (error: RuntimeException) {
        throw NoFolder().apply { initCause(error) }
    } ?: throw NoFolder()

    private companion object {
        val COLUMNS = arrayOf(
            Document.COLUMN_DOCUMENT_ID,
            Document.COLUMN_DISPLAY_NAME,
            Document.COLUMN_MIME_TYPE,
            Document.COLUMN_SIZE,
            Document.COLUMN_LAST_MODIFIED,
        )
    }
}
