package org.memesdetection.model

import android.content.ContentProvider
import android.content.ContentValues
import android.content.res.AssetFileDescriptor
import android.database.Cursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import java.io.File
import java.io.FileNotFoundException
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** Files come whole from providers, or with a sentence why not. */
@RunWith(RobolectricTestRunner::class)
class ContentTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val resources = RuntimeEnvironment.getApplication().resources
    private val resolver = RuntimeEnvironment.getApplication().contentResolver

    @Before
    fun provide() {
        Robolectric.buildContentProvider(Files::class.java).create("files").get().folder =
            folder.root
    }

    @Test
    fun `the whole file and its digest are read`() {
        val bytes = noise(3_000_000, seed = 1)
        File(folder.root, "a").writeBytes(bytes)
        for (name in listOf("a", "unknown-length")) {
            val content = Content.read(resolver, Uri.parse("content://files/$name"))
            assertArrayEquals(bytes, content.bytes)
            assertEquals(Content.sha256(bytes), content.sha256)
        }
    }

    @Test
    fun `the digest is that of other programs`() {
        val digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        assertEquals(digest, Content.sha256(ByteArray(0)))
    }

    @Test
    fun `a file that is gone, refused or broken is told`() {
        val sentences = mapOf(
            "nothing" to "It is not there (any more).",
            "refused" to "No permission to read it.",
            "revoked" to "No permission to read it.",
            "crash" to "It cannot be read; try again, or check the memory card.",
        )
        for ((name, sentence) in sentences) {
            val error = assertThrows(UnreadableFile::class.java) {
                Content.read(resolver, Uri.parse("content://files/$name"))
            }
            assertEquals(sentence, error.text(resources))
        }
    }

    @Test
    fun `a file that is too large is not read`() {
        java.io.RandomAccessFile(File(folder.root, "large"), "rw").use { it.setLength(1L shl 32) }
        val error = assertThrows(HugePicture::class.java) {
            Content.read(resolver, Uri.parse("content://files/large"))
        }
        assertEquals("The file is too large; up to 256 MiB are read.", error.text(resources))
    }

    class Files : ContentProvider() {
        lateinit var folder: File

        override fun onCreate() = true

        override fun openAssetFile(uri: Uri, mode: String): AssetFileDescriptor {
            if (uri.lastPathSegment != "unknown-length") return super.openAssetFile(uri, mode)!!
            val file = openFile(uri.buildUpon().path("a").build(), mode)
            return AssetFileDescriptor(file, 0, AssetFileDescriptor.UNKNOWN_LENGTH)
        }

        override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
            val name = uri.lastPathSegment!!
            return when (name) {
                "refused" -> throw FileNotFoundException("open failed: EACCES (Permission denied)")

                "revoked" -> throw SecurityException("no permission")

                "crash" -> throw IllegalStateException("crash")

                else -> ParcelFileDescriptor.open(
                    File(folder, name),
                    ParcelFileDescriptor.MODE_READ_ONLY,
                )
            }
        }

        override fun getType(uri: Uri) = "image/png"

        override fun query(
            uri: Uri,
            columns: Array<out String>?,
            where: String?,
            arguments: Array<out String>?,
            order: String?,
        ): Cursor? = null

        override fun insert(uri: Uri, values: ContentValues?): Uri? = null

        override fun delete(uri: Uri, where: String?, arguments: Array<out String>?) = 0

        override fun update(
            uri: Uri,
            values: ContentValues?,
            where: String?,
            arguments: Array<out String>?,
        ) = 0
    }
}
