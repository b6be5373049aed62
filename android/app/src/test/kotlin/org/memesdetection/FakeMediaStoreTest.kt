package org.memesdetection

import android.content.ContentResolver
import android.os.Bundle
import android.provider.MediaStore
import android.util.Size
import java.io.File
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** The stand-in answers the platform's own code as the real provider does. */
@RunWith(RobolectricTestRunner::class)
class FakeMediaStoreTest {
    private val store = FakeMediaStore.install()
    private val context = RuntimeEnvironment.getApplication()
    private val resolver: ContentResolver = context.contentResolver
    private val images = MediaStore.Images.Media.EXTERNAL_CONTENT_URI

    private fun names(arguments: Bundle? = null): List<String> =
        resolver.query(images, arrayOf("_display_name"), arguments, null)!!.use {
            buildList { while (it.moveToNext()) add(it.getString(0)) }
        }

    @Test
    fun handsOutRowsAndContent() {
        val uri = store.add("a.jpg", byteArrayOf(1, 2, 3))
        assertEquals(listOf("a.jpg"), names())
        assertArrayEquals(byteArrayOf(1, 2, 3), resolver.openInputStream(uri)!!.readBytes())
    }

    @Test
    @Config(sdk = [34])
    fun movesToTheTrashOnceTheUserSaysYes() {
        val uri = store.add("a.jpg", byteArrayOf(1, 2, 3))
        MediaStore.createTrashRequest(resolver, listOf(uri), true)
        assertEquals(listOf("a.jpg"), names())
        store.applyTrash()
        assertTrue(store.isTrashed(uri))
        assertEquals(listOf<String>(), names())
        val only = Bundle()
        only.putInt(MediaStore.QUERY_ARG_MATCH_TRASHED, MediaStore.MATCH_ONLY)
        assertEquals(listOf("a.jpg"), names(only))
        MediaStore.createTrashRequest(resolver, listOf(uri), false)
        store.applyTrash()
        assertFalse(store.isTrashed(uri))
        assertArrayEquals(byteArrayOf(1, 2, 3), resolver.openInputStream(uri)!!.readBytes())
    }

    @Test
    @Config(sdk = [34])
    fun countsGenerations() {
        val before = MediaStore.getGeneration(context, MediaStore.VOLUME_EXTERNAL_PRIMARY)
        val uri = store.add("a.jpg", byteArrayOf(1))
        store.replace(uri, byteArrayOf(2))
        val after = MediaStore.getGeneration(context, MediaStore.VOLUME_EXTERNAL_PRIMARY)
        assertEquals(before + 2, after)
        assertEquals("1", MediaStore.getVersion(context))
    }

    @Test
    @Config(sdk = [34])
    fun makesThumbnails() {
        val uri = store.add(File("../samples/IMG-20260105-WA0001.jpg"))
        assertTrue(resolver.loadThumbnail(uri, Size(64, 64), null).width > 0)
    }

    @Test
    fun keepsPicturesFromAnAppWithoutPermission() {
        val uri = store.add("a.jpg", byteArrayOf(1))
        store.revoke()
        assertThrows(SecurityException::class.java) { resolver.openInputStream(uri) }
        if (android.os.Build.VERSION.SDK_INT < 29) {
            assertThrows(SecurityException::class.java) { names() }
        } else {
            assertEquals(listOf<String>(), names())
        }
    }
}
