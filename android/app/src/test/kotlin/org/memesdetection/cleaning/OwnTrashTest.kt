package org.memesdetection.cleaning

import java.io.File
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.FakeMediaStore
import org.memesdetection.Phone
import org.memesdetection.cleaning.CleaningError.Kind
import org.memesdetection.data.Judged
import org.memesdetection.gallery.Source
import org.memesdetection.model.Verdict
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** Below API 30: the app's own trash. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26])
class OwnTrashTest {
    private val phone = Phone()
    private val store = phone.store
    private var reached: (Step) -> Unit = {}

    /** The process ends: no code of the app's runs any more. */
    private class Killed : Error()

    /** As a new process would make it. */
    private fun cleaning() = Cleaning(phone.context, phone.database, { phone.now }) { reached(it) }

    private fun judged(vararg names: String): List<Judged> {
        phone.scanner().start(Source.Library(setOf("WhatsApp", "DCIM")))
        val all = phone.judged()
        return names.map(all::getValue)
    }

    private fun content(name: String): List<Byte>? = phone.gallery.photos()
        .singleOrNull { it.name == name }
        ?.let { phone.context.contentResolver.openInputStream(it.uri)!!.readBytes().toList() }

    /** All files in the app's own trash but the one that hides it from galleries. */
    private fun kept(): List<File> = (
        phone.context.filesDir.walk() + phone.context.getExternalFilesDir(null)!!.walk()
        ).filter { it.isFile && it.parentFile!!.name == "trash" && it.name != ".nomedia" }.toList()

    @Test
    fun `moves to the trash and back with name, folder and date`() {
        val meme = Phone.meme()
        val uri = store.add("meme.png", meme, modified = 1_767_700_000, taken = 1_600_000_000_000)
        val file = store.file(uri)
        store.add("other.png", Phone.meme(1))
        val cleaning = cleaning()
        val pictures = judged("meme.png")
        assertFalse(cleaning.usesSystemTrash(pictures.single()))
        assertEquals(pictures, cleaning.check(pictures).sound)
        val moved = cleaning.moveToOwnTrash(pictures)
        assertEquals(pictures, moved.moved)
        assertFalse(file.exists())
        assertFalse(store.has(uri))
        assertEquals(meme.toList(), kept().single().readBytes().toList())
        assertTrue(File(kept().single().parentFile, ".nomedia").exists())
        assertEquals(setOf("other.png"), phone.judged().keys)
        val cleanup = cleaning.cleanups().single()
        assertEquals(moved.cleanup, cleanup.number)
        assertEquals(listOf(1L, meme.size.toLong()), listOf(cleanup.count.toLong(), cleanup.bytes))
        assertFalse(cleanup.undone || cleanup.inSystemTrash)
        assertEquals(1, cleaning.restore(cleanup.number).restored)
        val back = phone.gallery.photos().single { it.name == "meme.png" }
        assertEquals(1_767_700_000, back.modified)
        assertEquals(1_600_000_000_000, back.taken)
        assertEquals(FakeMediaStore.WHATSAPP + "/", back.folder)
        assertArrayEquals(meme, file.readBytes())
        assertEquals(1_767_700_000_000, file.lastModified())
        assertEquals(emptyList<File>(), kept())
        assertTrue(cleaning.cleanups().single().undone)
        // It is judged still, under its new address.
        assertEquals(Verdict.MEME, phone.judged().getValue("meme.png").verdict)
        assertEquals(back.uri, phone.judged().getValue("meme.png").uri)
    }

    @Test
    fun `a name that is taken meanwhile is left alone`() {
        val meme = Phone.meme()
        store.add("meme.png", meme)
        val cleaning = cleaning()
        val cleanup = cleaning.moveToOwnTrash(judged("meme.png")).cleanup
        store.add("meme.png", Phone.photo())
        assertEquals(1, cleaning.restore(cleanup).restored)
        assertEquals(Phone.photo().toList(), content("meme.png"))
        assertEquals(meme.toList(), content("meme (2).png"))
    }

    @Test
    fun `what is not the picture that was judged stays`() {
        val changed = store.add("changed.png", Phone.meme(1))
        val gone = store.add("gone.png", Phone.meme(2))
        val sly = store.add("sly.png", Phone.meme(3))
        store.add("same.png", Phone.meme(4))
        val pictures = judged("changed.png", "gone.png", "sly.png", "same.png")
        store.replace(changed, Phone.photo(9))
        store.remove(gone)
        // Same size and date, other content.
        val file = store.file(sly)
        val date = file.lastModified()
        file.writeBytes(ByteArray(file.length().toInt()))
        file.setLastModified(date)
        val cleaning = cleaning()
        val checked = cleaning.check(pictures)
        assertEquals(listOf("same.png"), checked.sound.map { it.name })
        assertEquals(3, checked.changed.size)
        // The move itself looks once more.
        val moved = cleaning.moveToOwnTrash(pictures)
        assertEquals(listOf("same.png"), moved.moved.map { it.name })
        val kinds = moved.failed.map { (it.second as CleaningError).kind }.toSet()
        assertEquals(setOf(Kind.CHANGED, Kind.GONE), kinds)
        assertEquals(Phone.photo(9).toList(), content("changed.png"))
        assertTrue(file.exists())
        assertEquals(1, kept().size)
    }

    @Test
    fun `a file that the system does not remove stays known`() {
        val uri = store.add("meme.png", Phone.meme())
        val file = store.file(uri)
        store.filesStay = true
        val moved = cleaning().moveToOwnTrash(judged("meme.png"))
        assertEquals(Kind.NOT_ALLOWED, (moved.failed.single().second as CleaningError).kind)
        assertTrue(file.exists())
        assertEquals(Phone.meme().toList(), content("meme.png"))
        assertEquals(emptyList<File>(), kept())
        assertEquals(emptyList<Cleanup>(), cleaning().cleanups())
    }

    @Test
    fun `without permission to write nothing happens and a sentence says why`() {
        store.add("meme.png", Phone.meme())
        val pictures = judged("meme.png")
        store.revoke()
        val moved = cleaning().moveToOwnTrash(pictures)
        assertTrue("allow it" in moved.failed.single().second.text(phone.context.resources))
        store.grant()
        assertEquals(Phone.meme().toList(), content("meme.png"))
    }

    @Test
    fun `full storage leaves the picture where it is`() {
        store.add("meme.png", Phone.meme())
        reached = {
            if (it == Step.COPIED) {
                val full = android.system.ErrnoException("write", android.system.OsConstants.ENOSPC)
                throw java.io.IOException(full)
            }
        }
        val moved = cleaning().moveToOwnTrash(judged("meme.png"))
        assertEquals(Kind.FULL, (moved.failed.single().second as CleaningError).kind)
        assertEquals(Phone.meme().toList(), content("meme.png"))
        assertEquals(emptyList<File>(), kept())
    }

    @Test
    fun `a process that ends at any step of a move loses nothing`() {
        for (step in listOf(Step.INTENDED, Step.COPIED, Step.KEPT, Step.REMOVED)) {
            val name = "$step.png"
            val content = Phone.meme(step.ordinal)
            store.add(name, content)
            val pictures = judged(name)
            reached = { if (it == step) throw Killed() }
            assertThrows(Killed::class.java) { cleaning().moveToOwnTrash(pictures) }
            reached = {}
            val later = cleaning()
            later.settle()
            if (step == Step.REMOVED) {
                assertEquals(content.toList(), kept().single().readBytes().toList())
                assertEquals(1, later.restore(later.cleanups().first().number).restored)
            } else {
                assertEquals("$step", emptyList<Cleanup>(), later.cleanups())
            }
            assertEquals("$step", content.toList(), content(name))
            assertEquals("$step", emptyList<File>(), kept())
        }
    }

    @Test
    fun `a process that ends at any step of an undo loses nothing`() {
        for (step in listOf(Step.BACK_INTENDED, Step.RESERVED, Step.WRITTEN, Step.BACK)) {
            val name = "$step.png"
            val content = Phone.meme(step.ordinal)
            val file = store.file(store.add(name, content))
            val cleanup = cleaning().moveToOwnTrash(judged(name)).cleanup
            reached = { if (it == step) throw Killed() }
            assertThrows(Killed::class.java) { cleaning().restore(cleanup) }
            reached = {}
            val later = cleaning()
            later.settle()
            val back = step == Step.BACK
            assertEquals("$step", back, file.exists())
            assertEquals("$step", back, later.cleanups().first().undone)
            assertEquals("$step", if (back) 0 else 1, later.restore(cleanup).restored)
            assertEquals("$step", content.toList(), content(name))
            assertEquals("$step", emptyList<File>(), kept())
            val alike = Regex("$step(\\.| ).*")
            assertEquals(listOf(name), file.parentFile!!.list()!!.filter(alike::matches))
            assertTrue(file.parentFile!!.list()!!.none { it.startsWith(".memes") })
        }
    }

    @Test
    fun `what cannot be looked at now is settled later`() {
        store.add("meme.png", Phone.meme())
        val pictures = judged("meme.png")
        reached = { if (it == Step.KEPT) throw Killed() }
        assertThrows(Killed::class.java) { cleaning().moveToOwnTrash(pictures) }
        reached = {}
        store.revoke()
        cleaning().settle()
        assertEquals(1, kept().size)
        store.grant()
        cleaning().settle()
        assertEquals(0, kept().size)
        assertEquals(Phone.meme().toList(), content("meme.png"))
    }

    @Test
    fun `the trash is emptied after 30 days and not before`() {
        store.add("meme.png", Phone.meme())
        val cleaning = cleaning()
        val cleanup = cleaning.moveToOwnTrash(judged("meme.png")).cleanup
        val expires = cleaning.cleanups().single().expires
        assertEquals(phone.now + 30L * 24 * 3600 * 1000, expires)
        cleaning.emptyExpired(expires - 1)
        assertEquals(1, cleaning.countInOwnTrash())
        cleaning.emptyExpired(expires)
        assertEquals(emptyList<File>(), kept())
        assertEquals(emptyList<Cleanup>(), cleaning.cleanups())
        assertEquals(0, cleaning.restore(cleanup).restored)
    }

    @Test
    fun `a copy that is gone from the trash is one sentence`() {
        store.add("meme.png", Phone.meme())
        val cleaning = cleaning()
        val cleanup = cleaning.moveToOwnTrash(judged("meme.png")).cleanup
        kept().single().delete()
        val restored = cleaning.restore(cleanup)
        val (name, error) = restored.failed.single()
        assertEquals("meme.png", name)
        assertEquals(Kind.NOT_IN_TRASH, (error as CleaningError).kind)
    }
}
