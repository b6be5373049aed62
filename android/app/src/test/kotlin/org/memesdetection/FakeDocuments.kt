package org.memesdetection

import android.content.pm.ProviderInfo
import android.database.Cursor
import android.database.MatrixCursor
import android.net.Uri
import android.os.CancellationSignal
import android.os.ParcelFileDescriptor
import android.provider.DocumentsContract
import android.provider.DocumentsContract.Document
import android.provider.DocumentsProvider
import java.io.File
import java.io.FileNotFoundException
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment

/** A storage framework's provider of real files in tests; a document's id is its path. */
class FakeDocuments : DocumentsProvider() {
    /** The user took the app's access to the folder away. */
    var revoked = false

    /** Files may be read but not deleted. */
    var readOnly = false

    val root: File get() = File(context!!.cacheDir, "documents").apply { mkdirs() }

    /** As the system's dialog gives it for the root. */
    val tree: Uri get() = DocumentsContract.buildTreeDocumentUri(AUTHORITY, root.path)

    fun add(path: String, content: ByteArray): Uri {
        val file = File(root, path)
        file.parentFile!!.mkdirs()
        file.writeBytes(content)
        return DocumentsContract.buildDocumentUriUsingTree(tree, file.path)
    }

    override fun onCreate() = true

    override fun queryRoots(projection: Array<String>?): Cursor = MatrixCursor(arrayOf())

    override fun isChildDocument(parentDocumentId: String, documentId: String) =
        documentId.startsWith(parentDocumentId)

    override fun queryDocument(documentId: String, projection: Array<String>?): Cursor =
        cursor(listOf(file(documentId)))

    override fun queryChildDocuments(
        parentDocumentId: String,
        projection: Array<String>?,
        sortOrder: String?,
    ): Cursor = cursor(file(parentDocumentId).listFiles()!!.sortedBy { it.name })

    private fun cursor(files: List<File>) = MatrixCursor(COLUMNS).apply {
        for (file in files) {
            addRow(
                arrayOf(file.path, file.name, mime(file), file.length(), file.lastModified()),
            )
        }
    }

    private fun mime(file: File) = when {
        file.isDirectory -> Document.MIME_TYPE_DIR
        file.extension == "png" -> "image/png"
        else -> "text/plain"
    }

    private fun file(id: String): File {
        if (revoked) throw SecurityException("Permission Denial: $id")
        val file = File(id)
        if (!file.exists()) throw FileNotFoundException("Missing file for $id")
        return file
    }

    override fun openDocument(
        documentId: String,
        mode: String,
        signal: CancellationSignal?,
    ): ParcelFileDescriptor =
        ParcelFileDescriptor.open(file(documentId), ParcelFileDescriptor.parseMode(mode))

    override fun deleteDocument(documentId: String) {
        if (readOnly) throw UnsupportedOperationException("Delete not supported")
        file(documentId).delete()
    }

    override fun createDocument(
        parentDocumentId: String,
        mimeType: String,
        displayName: String,
    ): String {
        var target = File(file(parentDocumentId), displayName)
        var number = 1
        while (!target.createNewFile()) {
            val name = "${File(displayName).nameWithoutExtension} (${number++}).png"
            target = File(target.parentFile, name)
        }
        return target.path
    }

    override fun findDocumentPath(
        parentDocumentId: String?,
        childDocumentId: String,
    ): DocumentsContract.Path {
        val top = File(parentDocumentId ?: root.path)
        val path = generateSequence(File(childDocumentId)) {
            if (it == top) null else it.parentFile
        }
        return DocumentsContract.Path(null, path.map { it.path }.toList().reversed())
    }

    companion object {
        private const val AUTHORITY = "org.memesdetection.documents"
        private val COLUMNS = arrayOf(
            Document.COLUMN_DOCUMENT_ID,
            Document.COLUMN_DISPLAY_NAME,
            Document.COLUMN_MIME_TYPE,
            Document.COLUMN_SIZE,
            Document.COLUMN_LAST_MODIFIED,
        )

        fun install(): FakeDocuments {
            val info = ProviderInfo()
            info.authority = AUTHORITY
            info.exported = true
            info.grantUriPermissions = true
            info.readPermission = android.Manifest.permission.MANAGE_DOCUMENTS
            info.writePermission = android.Manifest.permission.MANAGE_DOCUMENTS
            info.applicationInfo = RuntimeEnvironment.getApplication().applicationInfo
            return Robolectric.buildContentProvider(FakeDocuments::class.java).create(info).get()
        }
    }
}
