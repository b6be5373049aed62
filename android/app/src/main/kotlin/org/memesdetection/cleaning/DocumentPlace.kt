package org.memesdetection.cleaning

import android.content.ContentResolver
import android.net.Uri
import android.provider.DocumentsContract
import java.io.FileInputStream
import java.io.FileNotFoundException
import java.io.FileOutputStream
import java.io.InputStream
import org.memesdetection.cleaning.CleaningError.Kind
import org.memesdetection.gallery.TreeGallery

/** Pictures in a folder that the user chose in the system's dialog. */
internal class DocumentPlace(private val resolver: ContentResolver) : Place {
    private val gallery = TreeGallery(resolver)

    override fun open(move: Move): InputStream = open(move.uri)

    private fun open(uri: Uri): InputStream = try {
        resolver.openInputStream(uri) ?: throw FileNotFoundException("$uri")
    } catch (error: IllegalArgumentException) {
        throw FileNotFoundException("$uri").apply { initCause(error) }
    }

    override fun isSame(move: Move): Boolean = gallery.photo(move.uri, move.folder)
        ?.let { it.bytes == move.bytes && it.modified == move.modified } ?: false

    override fun isThere(move: Move): Boolean = gallery.photo(move.uri, move.folder) != null

    override fun remove(move: Move) {
        val removed = try {
            DocumentsContract.deleteDocument(resolver, move.uri)
        } catch (error: UnsupportedOperationException) {
            throw CleaningError(Kind.NOT_ALLOWED, error)
        }
        if (!removed || isThere(move)) throw CleaningError(Kind.NOT_ALLOWED)
    }

    /** The document of the folder that a picture is in; null if its provider does not tell. */
    fun parent(uri: Uri): Uri? = try {
        DocumentsContract.findDocumentPath(resolver, uri)?.path?.let { path ->
            path.getOrNull(path.size - 2)
                ?.let { DocumentsContract.buildDocumentUriUsingTree(uri, it) }
        }
    } catch (_: RuntimeException) {
        null
    } catch (_: FileNotFoundException) {
        null
    }

    // The provider chooses a free name. Its dates cannot be set.
    override fun putBack(entry: Entry, intend: (Entry) -> Entry, reached: (Step) -> Unit): Entry {
        val move = entry.move
        val parent = move.parent ?: root(move.uri)
        val uri = try {
            DocumentsContract.createDocument(resolver, parent, move.mime, move.name)
        } catch (error: RuntimeException) {
            throw CleaningError(Kind.NO_STORAGE, error)
        } ?: throw CleaningError(Kind.NO_STORAGE)
        val intended = intend(entry.copy(back = "$uri"))
        reached(Step.RESERVED)
        try {
            resolver.openFileDescriptor(uri, "w")!!.use { file ->
                val out = FileOutputStream(file.fileDescriptor)
                FileInputStream(move.kept!!).use { Copying.copy(it, out) }
                out.fd.sync()
            }
            reached(Step.WRITTEN)
            if (!Copying.holds({ open(uri) }, move.sha256)) throw CleaningError(Kind.BAD_COPY)
        } catch (error: Exception) {
            DocumentsContract.deleteDocument(resolver, uri)
            throw error
        }
        reached(Step.BACK)
        return intended
    }

    private fun root(uri: Uri): Uri =
        DocumentsContract.buildDocumentUriUsingTree(uri, DocumentsContract.getTreeDocumentId(uri))

    override fun settleBack(entry: Entry): Entry? {
        val back = Uri.parse(entry.back ?: return null)
        if (Copying.holds({ open(back) }, entry.move.sha256)) return entry
        try {
            DocumentsContract.deleteDocument(resolver, back)
        } catch (_: RuntimeException) {
            // It is gone already.
        } catch (_: FileNotFoundException) {
        }
        return null
    }
}
