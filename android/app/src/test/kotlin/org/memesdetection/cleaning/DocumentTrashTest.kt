package org.memesdetection.cleaning

import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.FakeDocuments
import org.memesdetection.Phone
import org.memesdetection.cleaning.CleaningError.Kind
import org.memesdetection.data.Judged
import org.memesdetection.gallery.Source
import org.robolectric.RobolectricTestRunner

/** Pictures in a folder of the storage framework go to the app's own trash on every version. */
@RunWith(RobolectricTestRunner::class)
class DocumentTrashTest {
    private val phone = Phone()
    private val documents = FakeDocuments.install()
    private var reached: (Step) -> Unit = {}

    private class Killed : Error()

    private fun cleaning() = Cleaning(phone.context, phone.database, { phone.now }) { reached(it) }

    private fun judged(): List<Judged> {
        phone.scanner().start(Source.Tree(documents.tree))
        return phone.judged().values.toList()
    }

    @Test
    fun `moves to the trash and back`() {
        documents.add("Jokes/meme.png", Phone.meme())
        val file = File(documents.root, "Jokes/meme.png")
        val cleaning = cleaning()
        val pictures = judged()
        assertFalse(cleaning.usesSystemTrash(pictures.single()))
        assertEquals(pictures, cleaning.check(pictures).sound)
        val moved = cleaning.moveToOwnTrash(pictures)
        assertEquals(emptyList<Any>(), moved.failed.map { it.second.text(phone.context.resources) })
        assertFalse(file.exists())
        assertEquals(1, cleaning.restore(moved.cleanup).restored)
        assertEquals(Phone.meme().toList(), file.readBytes().toList())
        assertTrue(cleaning.cleanups().single().undone)
    }

    @Test
    fun `a folder that lets nothing be deleted keeps its picture`() {
        documents.add("meme.png", Phone.meme())
        documents.readOnly = true
        val moved = cleaning().moveToOwnTrash(judged())
        assertEquals(Kind.NOT_ALLOWED, (moved.failed.single().second as CleaningError).kind)
        assertTrue(File(documents.root, "meme.png").exists())
        assertEquals(0, cleaning().countInOwnTrash())
    }

    @Test
    fun `a process that ends at any step loses nothing`() {
        val file = File(documents.root, "meme.png")
        documents.add("meme.png", Phone.meme())
        for (step in listOf(Step.COPIED, Step.KEPT, Step.REMOVED)) {
            val pictures = judged()
            reached = { if (it == step) throw Killed() }
            assertThrows(Killed::class.java) { cleaning().moveToOwnTrash(pictures) }
            reached = {}
            cleaning().settle()
            assertEquals("$step", step != Step.REMOVED, file.exists())
        }
        val cleanup = cleaning().cleanups().single().number
        for (step in listOf(Step.RESERVED, Step.WRITTEN, Step.BACK)) {
            reached = { if (it == step) throw Killed() }
            assertThrows(Killed::class.java) { cleaning().restore(cleanup) }
            reached = {}
            cleaning().settle()
            assertEquals("$step", step != Step.RESERVED, file.exists())
            if (file.exists()) break
        }
        assertEquals(Phone.meme().toList(), file.readBytes().toList())
        assertTrue(cleaning().cleanups().single().undone)
        assertEquals(0, cleaning().countInOwnTrash())
    }
}
