package org.memesdetection.gallery

import android.content.pm.PackageManager
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.FakeMediaStore
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
class MediaGalleryTest {
    private val context = RuntimeEnvironment.getApplication()
    private val store = FakeMediaStore.install()
    private val gallery = MediaGallery(context)
    private val content = byteArrayOf(1, 2, 3)

    private fun names(photos: List<Photo>) = photos.map { it.name }

    @Test
    fun `WhatsApp comes first, then other messengers, in each the newest`() {
        store.add("camera.jpg", content, "DCIM/Camera", modified = 900)
        store.add("telegram.jpg", content, "Pictures/Telegram", modified = 800)
        store.add("old.jpg", content, FakeMediaStore.WHATSAPP, modified = 100)
        store.add("new.jpg", content, FakeMediaStore.WHATSAPP_NEW, modified = 700)
        store.add("sent.jpg", content, FakeMediaStore.WHATSAPP_NEW + "/Sent", modified = 200)
        val expected = listOf("new.jpg", "sent.jpg", "old.jpg", "telegram.jpg", "camera.jpg")
        assertEquals(expected, names(gallery.photos()))
        assertEquals(
            listOf(
                Folder(FakeMediaStore.WHATSAPP_NEW + "/", 1, true),
                Folder(FakeMediaStore.WHATSAPP_NEW + "/Sent/", 1, true),
                Folder(FakeMediaStore.WHATSAPP + "/", 1, true),
                Folder("Pictures/Telegram/", 1, false),
                Folder("DCIM/Camera/", 1, false),
            ),
            gallery.folders(),
        )
    }

    @Test
    fun `the usual folders are the messengers', or all`() {
        store.add("camera.jpg", content, "DCIM/Camera")
        assertNull(gallery.usual())
        store.add("a.jpg", content, FakeMediaStore.WHATSAPP)
        assertEquals(listOf("a.jpg"), names(gallery.photos(gallery.usual())))
    }

    @Test
    fun `a chosen folder has its folders with it but not its namesakes`() {
        store.add("a.jpg", content, "Download")
        store.add("b.jpg", content, "Download/Jokes")
        store.add("c.jpg", content, "Downloads")
        assertEquals(setOf("a.jpg", "b.jpg"), names(gallery.photos(setOf("Download/"))).toSet())
    }

    @Test
    fun `size, dates and type are told`() {
        val uri = store.add("a.png", content, modified = 1_767_700_000, taken = 1_600_000_000_000)
        val photo = gallery.photo(uri)!!
        assertEquals(uri, photo.uri)
        assertEquals(3, photo.bytes)
        assertEquals(1_767_700_000, photo.modified)
        assertEquals(1_600_000_000_000, photo.taken)
        assertEquals("image/png", photo.mime)
        val undated = gallery.photo(store.add("b.png", content, modified = 1_767_700_000))!!
        assertEquals(1_767_700_000_000, undated.taken)
        assertTrue(gallery.path(uri)!!.isFile)
    }

    @Test
    fun `what is new is what came since`() {
        store.add("old.jpg", content, modified = 100)
        store.add("a.jpg", content, modified = 101)
        val since = Since.read(gallery.now().kept())
        assertEquals(since, gallery.now())
        store.add("b.jpg", content, modified = 101)
        assertEquals("b.jpg", gallery.photos(since = since).first().name)
        assertFalse("old.jpg" in names(gallery.photos(since = since)))
    }

    @Test
    @Config(sdk = [34])
    fun `a changed picture is new and a new list is all new`() {
        val uri = store.add("a.jpg", content)
        store.add("b.jpg", content)
        val since = gallery.now()
        store.replace(uri, byteArrayOf(4))
        assertEquals(listOf("a.jpg"), names(gallery.photos(since = since)))
        store.version = "2"
        assertEquals(setOf("a.jpg", "b.jpg"), names(gallery.photos(since = since)).toSet())
    }

    @Test
    @Config(sdk = [34])
    fun `what is being written or in the trash is left out`() {
        store.add("pending.jpg", content, pending = true)
        val uri = store.add("trashed.jpg", content)
        assertNotNull(gallery.photo(uri))
        android.provider.MediaStore.createTrashRequest(context.contentResolver, listOf(uri), true)
        store.applyTrash()
        assertEquals(emptyList<Photo>(), gallery.photos())
        assertNull(gallery.photo(uri))
    }

    @Test
    fun `without permission there is a sentence`() {
        store.add("a.jpg", content)
        store.revoke()
        assertThrows(NoAccess::class.java) { gallery.photos() }
        assertThrows(NoAccess::class.java) { gallery.now() }
    }

    @Test
    @Config(sdk = [34])
    fun `with partial access the chosen pictures are seen`() {
        val uri = store.add("a.jpg", content)
        store.add("b.jpg", content)
        store.grantChosenOnly()
        store.chosen += uri
        assertEquals(Access.SOME, Permissions.access(context))
        assertEquals(listOf("a.jpg"), names(gallery.photos()))
    }

    @Test
    fun `a memory card that is out takes its pictures along`() {
        store.add("a.jpg", content, "DCIM")
        store.add("b.jpg", content, "DCIM", volume = "1234-5678")
        store.unmount("1234-5678")
        assertEquals(listOf("a.jpg"), names(gallery.photos()))
        store.unmount("external_primary")
        val error = assertThrows(NoStorage::class.java) { gallery.photos() }
        assertTrue("memory card" in error.text(context.resources))
    }

    @Test
    fun `asks for what each version knows`() {
        val read = android.Manifest.permission.READ_EXTERNAL_STORAGE
        assertTrue(Permissions.asked(26).first() == read && Permissions.asked(26).size == 2)
        assertEquals(listOf(read), Permissions.asked(32).toList())
        assertEquals(1, Permissions.asked(33).size)
        assertTrue("android.permission.READ_MEDIA_VISUAL_USER_SELECTED" in Permissions.asked(34))
        assertEquals(Access.ALL, Permissions.access(context))
        store.revoke()
        assertEquals(Access.NONE, Permissions.access(context))
    }

    @Test
    fun `after two denials only the settings help`() {
        store.revoke()
        val activity = org.robolectric.Robolectric.buildActivity(android.app.Activity::class.java)
            .setup().get()
        // Not asked yet: the system's dialog comes.
        assertEquals(false, Permissions.mustGoToSettings(activity))
        Permissions.answered(activity, intArrayOf())
        assertEquals(false, Permissions.mustGoToSettings(activity))
        // The system wants no reason shown: it shows its dialog no more.
        Permissions.answered(activity, intArrayOf(PackageManager.PERMISSION_DENIED))
        assertEquals(true, Permissions.mustGoToSettings(activity))
        store.grant()
        assertEquals(false, Permissions.mustGoToSettings(activity))
    }
}
