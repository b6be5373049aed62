package org.memesdetection.gallery

import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.FakeDocuments
import org.memesdetection.Phone
import org.memesdetection.data.FullStorage
import org.memesdetection.data.Judged
import org.memesdetection.model.Verdict
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
class ScannerTest {
    private val phone = Phone()
    private val store = phone.store
    private val all = Source.Library(null)

    /** The process ends: no code of the app's runs any more. */
    private class Killed : Error()

    private fun fill(count: Int, first: Int = 0) =
        List(count) { store.add("${first + it}.png", Phone.photo(first + it)) }

    @Test
    fun `judges every picture and counts`() {
        val meme = Phone.meme()
        store.add("meme.png", meme)
        store.add("unsure.png", Phone.unsure())
        store.add("photo.png", Phone.photo())
        store.add("broken.png", "no picture".toByteArray())
        store.add("camera.png", Phone.meme(5), "DCIM/Camera")
        val scanner = phone.scanner()
        scanner.start(all)
        val state = scanner.state.value
        assertEquals(Phase.DONE, state.phase)
        val counts = state.run { listOf(done, total, memes, unsure, failures) }
        assertEquals(listOf(4, 4, 1, 1, 1), counts)
        assertEquals(meme.size.toLong(), state.memeBytes)
        assertTrue(state.picturesPerSecond > 0)
        assertEquals(
            mapOf(
                "meme.png" to Verdict.MEME,
                "unsure.png" to Verdict.UNSURE,
                "photo.png" to Verdict.NOT_MEME,
            ),
            phone.verdictsByName(),
        )
        val failed = phone.verdicts.failures(phone.context.resources).single()
        assertEquals("broken.png", failed.name)
        assertTrue("not a picture" in failed.error)
    }

    @Test
    fun `copies and what was judged before are not judged again`() {
        store.add("a.png", Phone.meme())
        store.add("b.png", Phone.meme())
        phone.scanner().start(all)
        assertEquals(1, phone.engine.runs)
        store.add("c.png", Phone.meme())
        val scanner = phone.scanner()
        scanner.start(all)
        assertEquals(1, phone.engine.runs)
        assertEquals(3, scanner.state.value.memes)
        assertEquals(3, scanner.state.value.done)
    }

    @Test
    fun `a changed picture is judged anew and one that is gone is forgotten`() {
        val uri = store.add("a.png", Phone.meme())
        val gone = store.add("b.png", Phone.meme(1))
        phone.scanner().start(all)
        store.replace(uri, Phone.photo())
        store.remove(gone)
        phone.scanner().start(all)
        assertEquals(mapOf("a.png" to Verdict.NOT_MEME), phone.verdictsByName())
    }

    @Test
    fun `a later process goes on where one ended`() {
        fill(6)
        phone.engine.before = { if (it == 3) throw Killed() }
        var isOn = false
        assertThrows(Killed::class.java) { phone.scanner(onChange = { isOn = it }).start(all) }
        assertTrue(isOn)
        assertNull(phone.scanner().lastCheck())
        assertEquals(3, phone.judged().size)
        phone.engine.before = {}
        val scanner = phone.scanner(onChange = { isOn = it })
        scanner.resumeIfInterrupted()
        assertFalse(isOn)
        assertEquals(phone.now, scanner.lastCheck())
        assertEquals(Phase.DONE, scanner.state.value.phase)
        assertEquals(6, scanner.state.value.done)
        assertEquals(6, phone.engine.runs)
        val later = phone.scanner()
        later.resumeIfInterrupted()
        assertEquals(Phase.IDLE, later.state.value.phase)
    }

    /** Start a scan on a thread of its own, and do something while it is at the third picture. */
    private fun during(third: (Scanner) -> Unit): Scanner {
        val there = CountDownLatch(1)
        val goOn = CountDownLatch(1)
        phone.engine.before = {
            if (it == 2) {
                there.countDown()
                goOn.await(30, TimeUnit.SECONDS)
            }
        }
        val thread = Executors.newSingleThreadExecutor()
        val scanner = phone.scanner(thread)
        scanner.start(all)
        assertTrue(there.await(30, TimeUnit.SECONDS))
        third(scanner)
        goOn.countDown()
        thread.shutdown()
        assertTrue(thread.awaitTermination(30, TimeUnit.SECONDS))
        phone.engine.before = {}
        return scanner
    }

    @Test
    fun `a pause outlives the process and waits for the user`() {
        fill(5)
        val scanner = during { it.pause() }
        assertEquals(Phase.PAUSED, scanner.state.value.phase)
        assertEquals(3, scanner.state.value.done)
        assertEquals(3, phone.judged().size)
        val later = phone.scanner()
        later.resumeIfInterrupted()
        assertEquals(Phase.PAUSED, later.state.value.phase)
        assertEquals(3, phone.engine.runs)
        later.resume()
        assertEquals(Phase.DONE, later.state.value.phase)
        assertEquals(5, phone.engine.runs)
    }

    @Test
    fun `a cancelled scan keeps its verdicts and does not come back`() {
        fill(5)
        val scanner = during { it.cancel() }
        assertEquals(Phase.IDLE, scanner.state.value.phase)
        assertEquals(3, phone.judged().size)
        val later = phone.scanner()
        later.resumeIfInterrupted()
        assertEquals(Phase.IDLE, later.state.value.phase)
    }

    @Test
    fun `a paused scan can be cancelled`() {
        fill(5)
        during { it.pause() }
        val later = phone.scanner()
        later.resumeIfInterrupted()
        later.cancel()
        assertEquals(Phase.IDLE, later.state.value.phase)
        val last = phone.scanner()
        last.resumeIfInterrupted()
        assertEquals(Phase.IDLE, last.state.value.phase)
    }

    @Test
    fun `a suspended scan goes on by itself`() {
        fill(5)
        during { it.suspend() }
        val later = phone.scanner()
        later.resumeIfInterrupted()
        assertEquals(Phase.DONE, later.state.value.phase)
    }

    @Test
    fun `a permission that is taken away stops the scan with a sentence`() {
        fill(5)
        val scanner = during { store.revoke() }
        assertEquals(Phase.FAILED, scanner.state.value.phase)
        assertTrue(scanner.state.value.error is NoAccess)
        assertEquals(3, phone.judged().size)
        assertEquals(emptyList<Any>(), phone.verdicts.failures(phone.context.resources))
    }

    @Test
    fun `after a permission is back the scan goes on and forgot nothing`() {
        fill(5)
        phone.scanner().start(all)
        store.revoke()
        val scanner = phone.scanner()
        scanner.start(all)
        assertTrue(scanner.state.value.error is NoAccess)
        assertEquals(5, phone.judged().size)
        store.grant()
        scanner.resume()
        assertEquals(Phase.DONE, scanner.state.value.phase)
        assertNull(scanner.state.value.error)
        assertEquals(5, phone.engine.runs)
    }

    @Test
    @Config(sdk = [34])
    fun `with partial access nothing that was judged is forgotten`() {
        val uris = fill(3)
        phone.scanner().start(all)
        store.grantChosenOnly()
        store.chosen += uris.first()
        phone.scanner().start(all)
        assertEquals(3, phone.judged().size)
    }

    @Test
    fun `full storage stops the scan with a sentence and loses nothing`() {
        fill(3)
        phone.scanner().start(all)
        fun limit(pages: Int) = phone.database.write { db ->
            db.rawQuery("PRAGMA max_page_count = $pages", null).use { it.moveToFirst() }
        }
        limit(1)
        List(40) { store.add("new$it.png", Phone.photo(it + 50)) }
        val scanner = phone.scanner()
        scanner.start(all)
        assertEquals(Phase.FAILED, scanner.state.value.phase)
        assertTrue(scanner.state.value.error is FullStorage)
        assertTrue(phone.judged().size >= 3)
        limit(1_000_000)
        phone.scanner().start(all)
        assertEquals(43, phone.judged().size)
    }

    @Test
    fun `storage that goes stops the scan, a memory card only loses its pictures`() {
        fill(3)
        store.add("card.png", Phone.meme(), volume = "1234-5678")
        phone.engine.before = { if (it == 0) store.unmount("1234-5678") }
        val scanner = phone.scanner()
        scanner.start(Source.Library(setOf("WhatsApp")))
        assertEquals(Phase.DONE, scanner.state.value.phase)
        assertEquals(emptyList<Any>(), phone.verdicts.failures(phone.context.resources))
        fill(5, 10)
        phone.engine.before = { store.unmount("external_primary") }
        val later = phone.scanner()
        later.start(all)
        assertTrue("${later.state.value}", later.state.value.error is NoStorage)
    }

    @Test
    fun `a folder of the storage framework is scanned`() {
        val documents = FakeDocuments.install()
        documents.add("a.png", Phone.meme())
        val scanner = phone.scanner()
        scanner.start(Source.Tree(documents.tree))
        assertEquals(1, scanner.state.value.memes)
        assertEquals("documents/", phone.judged().getValue("a.png").folder)
    }

    @Test
    fun `a check looks only at what is new, and does no work when nothing is`() {
        store.add("old.png", Phone.meme(), modified = 100)
        phone.scanner().start(all)
        val scanner = phone.scanner()
        var found: List<Judged>? = null
        val check = { scanner.start(Source.New(null)) { _, memes -> found = memes } }
        val runs = phone.engine.runs
        var opened = 0
        store.onOpen = { opened++ }
        check()
        assertEquals(emptyList<Judged>(), found)
        assertEquals(0, opened)
        store.add("new.png", Phone.meme(1), modified = 200)
        store.add("copy.png", Phone.meme(), modified = 201)
        store.add("photo.png", Phone.photo(1), modified = 202)
        check()
        assertEquals(setOf("new.png", "copy.png"), found!!.map { it.name }.toSet())
        assertEquals(3, opened)
        assertEquals(runs + 2, phone.engine.runs)
        check()
        assertEquals(emptyList<Judged>(), found)
        // A check is no scan of the user's.
        assertEquals(Phase.IDLE, scanner.state.value.phase)
    }

    @Test
    fun `a check that was cut off tells of all its memes in the end`() {
        store.add("old.png", Phone.photo(), modified = 100)
        phone.scanner().start(all)
        repeat(4) { store.add("new$it.png", Phone.meme(it + 1), modified = 200L + it) }
        phone.engine.before = { if (it == 3) throw Killed() }
        assertThrows(Killed::class.java) { phone.scanner().start(Source.New(null)) }
        phone.engine.before = {}
        phone.now += 1000
        var found: List<Judged>? = null
        phone.scanner().start(Source.New(null)) { _, memes -> found = memes }
        assertEquals(4, found!!.size)
        assertEquals(5, phone.engine.runs)
    }
}
