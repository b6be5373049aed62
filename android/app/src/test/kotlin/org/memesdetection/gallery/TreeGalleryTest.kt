package org.memesdetection.gallery

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.FakeDocuments
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

@RunWith(RobolectricTestRunner::class)
class TreeGalleryTest {
    private val documents = FakeDocuments.install()
    private val gallery = TreeGallery(RuntimeEnvironment.getApplication().contentResolver)

    @Test
    fun `pictures are found in all folders but hidden ones`() {
        documents.add("a.png", byteArrayOf(1))
        documents.add("notes.txt", byteArrayOf(1))
        documents.add("Jokes/b.png", byteArrayOf(1, 2))
        documents.add(".thumbnails/c.png", byteArrayOf(1))
        val found = gallery.photos(documents.tree)
        assertEquals(listOf("a.png", "b.png"), found.map { it.name })
        assertEquals(listOf("documents/", "documents/Jokes/"), found.map { it.folder })
        assertEquals(2, found[1].bytes)
        assertEquals(found[1], gallery.photo(found[1].uri, found[1].folder))
    }

    @Test
    fun `a picture that is gone is not there`() {
        val uri = documents.add("a.png", byteArrayOf(1))
        java.io.File(documents.root, "a.png").delete()
        assertNull(gallery.photo(uri, ""))
    }

    @Test
    fun `a folder that may not be opened any more is one sentence`() {
        documents.add("a.png", byteArrayOf(1))
        documents.revoked = true
        assertThrows(NoFolder::class.java) { gallery.photos(documents.tree) }
    }
}
