package org.memesdetection.cleaning

import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.Phone
import org.memesdetection.cleaning.CleaningError.Kind
import org.memesdetection.data.Judged
import org.memesdetection.gallery.Source
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** From API 30 on: the system's trash and its dialogs. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class SystemTrashTest {
    private val phone = Phone()
    private val store = phone.store
    private val uri = store.add("meme.png", Phone.meme())
    private val other = store.add("other.png", Phone.meme(1))

    private fun cleaning() = Cleaning(phone.context, phone.database, { phone.now }, {})

    private fun judged(vararg names: String): List<Judged> {
        phone.scanner().start(Source.Library(null))
        val all = phone.judged()
        return names.map(all::getValue)
    }

    @Test
    fun `asks, moves after the yes, and undoes after another`() {
        val cleaning = cleaning()
        val pictures = judged("meme.png")
        assertTrue(cleaning.usesSystemTrash(pictures.single()))
        cleaning.trashRequest(pictures)
        assertEquals(listOf(uri), store.requested)
        assertFalse(store.isTrashed(uri))
        assertEquals(emptyList<Cleanup>(), cleaning.cleanups())
        store.applyTrash()
        val number = cleaning.trashed(pictures)
        val cleanup = cleaning.cleanups().single()
        assertEquals(number, cleanup.number)
        assertTrue(cleanup.inSystemTrash)
        assertFalse(cleanup.undone)
        assertEquals(setOf("other.png"), phone.judged().keys)
        cleaning.undoRequest(number)
        store.applyTrash()
        cleaning.undone(number)
        assertTrue(cleaning.cleanups().single().undone)
        assertFalse(store.isTrashed(uri))
        assertEquals(pictures.single(), phone.judged().getValue("meme.png"))
        // It is as it was: nothing is judged again.
        val runs = phone.engine.runs
        judged("meme.png")
        assertEquals(runs, phone.engine.runs)
    }

    @Test
    fun `after a no nothing was moved`() {
        val cleaning = cleaning()
        val pictures = judged("meme.png", "other.png")
        cleaning.trashRequest(pictures)
        store.refuse()
        cleaning.refused()
        assertEquals(emptyList<Cleanup>(), cleaning.cleanups())
        assertEquals(2, phone.judged().size)
        cleaning.trashRequest(pictures.take(1))
        store.applyTrash()
        cleaning.trashed(pictures.take(1))
        assertEquals(1, cleaning.cleanups().single().count)
    }

    @Test
    fun `a process that ends while the dialog is open finds out what the answer was`() {
        val pictures = judged("meme.png")
        cleaning().trashRequest(pictures)
        store.applyTrash()
        cleaning().settle()
        val cleanup = cleaning().cleanups().single()
        assertEquals(setOf("other.png"), phone.judged().keys)
        cleaning().undoRequest(cleanup.number)
        store.applyTrash()
        cleaning().settle()
        assertTrue(cleaning().cleanups().single().undone)
    }

    @Test
    fun `an answer that comes after the new process settled counts, too`() {
        val pictures = judged("meme.png")
        cleaning().trashRequest(pictures)
        cleaning().settle()
        store.applyTrash()
        val number = cleaning().trashed(pictures)
        assertEquals(1, cleaning().cleanups().single().count)
        cleaning().undoRequest(number)
        cleaning().settle()
        store.applyTrash()
        cleaning().undone(number)
        assertTrue(cleaning().cleanups().single().undone)
    }

    @Test
    fun `a picture that is gone is not asked about`() {
        val pictures = judged("meme.png", "other.png")
        store.remove(other)
        val error = assertThrows(CleaningError::class.java) { cleaning().trashRequest(pictures) }
        assertEquals(Kind.GONE, error.kind)
        val checked = cleaning().check(pictures)
        assertEquals(listOf("meme.png"), checked.sound.map { it.name })
        assertEquals(listOf("other.png"), checked.changed.map { it.name })
    }

    @Test
    fun `what another app took out of the trash or emptied cannot be undone`() {
        val cleaning = cleaning()
        val pictures = judged("meme.png")
        cleaning.trashRequest(pictures)
        store.applyTrash()
        val number = cleaning.trashed(pictures)
        store.remove(uri)
        val error = assertThrows(CleaningError::class.java) { cleaning.undoRequest(number) }
        assertEquals(Kind.NOT_IN_TRASH, error.kind)
        assertEquals(emptyList<Cleanup>(), cleaning.cleanups())
    }

    @Test
    fun `a file of the own trash from before an update comes back among the pictures`() {
        val kept = java.io.File(phone.context.filesDir, "trash/1-0-old.png")
        kept.parentFile!!.mkdirs()
        kept.writeBytes(Phone.meme(3))
        val picture = judged("meme.png").single()
        val digest = org.memesdetection.model.Content.sha256(Phone.meme(3))
        val move = Move(
            picture.uri, java.io.File("/storage/emulated/0/WhatsApp/old.png"), null, "old.png",
            "WhatsApp/", "image/png", kept.length(), 5, 5000, digest, kept,
        )
        val journal = Journal(phone.database) { phone.now }
        val entry = journal.begin(listOf(move)).single()
        journal.record(entry.copy(state = FileState.MOVED))
        assertEquals(1, cleaning().restore(entry.cleanup).restored)
        val back = phone.gallery.photos().single { it.name == "old.png" }
        assertEquals("Pictures/", back.folder)
        val open = { phone.context.contentResolver.openInputStream(back.uri)!! }
        assertTrue(Copying.holds(open, digest))
        assertFalse(kept.exists())
    }
}
