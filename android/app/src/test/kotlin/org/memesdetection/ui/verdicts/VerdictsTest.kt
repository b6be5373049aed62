package org.memesdetection.ui.verdicts

import android.app.Activity
import android.content.Intent
import android.widget.EditText
import android.widget.ListView
import android.widget.TextView
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.FakeMediaStore
import org.memesdetection.OtherApp
import org.memesdetection.R
import org.memesdetection.SamplePhone
import org.memesdetection.data.Known
import org.memesdetection.data.Seen
import org.memesdetection.die
import org.memesdetection.model.Content
import org.memesdetection.open
import org.memesdetection.press
import org.memesdetection.relayout
import org.memesdetection.settle
import org.memesdetection.shows
import org.memesdetection.text
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

@RunWith(RobolectricTestRunner::class)
class VerdictsTest {
    private lateinit var controller: ActivityController<VerdictsActivity>
    private val screen get() = controller.get()
    private val names get() = screen.model.state.value.rows.map { it.name }

    private fun start() {
        controller =
            open(
                Intent(SamplePhone.app, VerdictsActivity::class.java),
                VerdictsActivity::class.java,
            )
    }

    private fun search(text: String) {
        screen.findViewById<EditText>(R.id.verdicts_search).setText(text)
        settle()
        screen.relayout()
    }

    private fun cell(place: Int, id: Int): String {
        val list = screen.findViewById<ListView>(R.id.scrolling)
        return list.getChildAt(place).findViewById<TextView>(id).text.toString()
    }

    @After
    fun close() {
        if (::controller.isInitialized) controller.close()
    }

    @Test
    fun `shows each verdict with model, time and correction, in any order`() {
        SamplePhone.judged()
        val kept = SamplePhone.uri("IMG-20260105-WA0002.jpg")
        SamplePhone.app.marks.keep(
            listOf(Content.read(SamplePhone.app.contentResolver, kept).sha256),
        )
        start()
        assertEquals("13 pictures", screen.text(R.id.verdicts_count))

        screen.press(R.id.head_probability)
        assertEquals("IMG-20260105-WA0002.jpg", cell(0, R.id.row_name))
        assertEquals("99.9 %", cell(0, R.id.row_probability))
        assertEquals("Not a meme", cell(0, R.id.row_verdict))
        assertEquals("Kept", cell(0, R.id.row_correction))
        assertEquals(SamplePhone.app.card.identity, cell(0, R.id.row_model))
        assertTrue(cell(0, R.id.row_when).isNotEmpty())
        screen.press(R.id.head_probability)
        assertEquals("0.9 %", cell(0, R.id.row_probability))

        screen.press(R.id.head_name)
        assertEquals(names.sorted(), names)
        screen.press(R.id.head_correction)
        assertEquals("IMG-20260105-WA0002.jpg", names.first())
        val head = screen.findViewById<TextView>(R.id.head_correction)
        assertTrue(head.isSelected && "smallest first" in head.contentDescription)
    }

    @Test
    fun `finds names, folders and verdicts`() {
        SamplePhone.judged()
        start()
        search("0111 wa")
        assertEquals(3, names.size)
        assertEquals("3 of 13 pictures", screen.text(R.id.verdicts_count))
        search("camera")
        assertEquals(3, names.size)
        search("camera unsure")
        assertTrue(names.size < 3)
        search("nothing like it")
        assertTrue(screen.shows(R.id.verdicts_empty))
        screen.press(R.id.empty_action)
        assertEquals(13, names.size)
    }

    @Test
    fun `keeps search and order over a rotation and the end of the process`() {
        SamplePhone.judged()
        start()
        search("20260111")
        screen.press(R.id.head_name)
        val before = names
        controller.recreate()
        settle()
        assertEquals(before, names)
        controller = controller.die(VerdictsActivity::class.java)
        assertEquals(before, names)
        assertEquals("20260111", screen.text(R.id.verdicts_search))
    }

    @Test
    fun `saves what is shown, and no name becomes a formula`() {
        val store = FakeMediaStore.install()
        val names = listOf("=cmd|'calc'!A0.jpg", "a, \"b\".jpg", "मीम.jpg")
        for (name in names) store.add(name, name.toByteArray(), "DCIM/Camera")
        SamplePhone.app.verdicts.put(
            SamplePhone.app.gallery.photos().map {
                val sha256 = Content.sha256(it.name.toByteArray())
                val folder = if (it.name.startsWith("=")) "" else it.folder
                Seen(it.copy(folder = folder), sha256, Known(0.25, false, ByteArray(2560)), true)
            },
            SamplePhone.app.card.identity,
        )
        start()
        screen.press(R.id.head_name)
        val files = OtherApp.install()
        val to = files.put(
            "memes.csv",
            "what was there before, and is longer".repeat(50).toByteArray(),
        )
        save(to)
        assertEquals("3 rows are saved.", screen.text(R.id.message_text))

        val lines = files.file("memes.csv").readText().removeSuffix("\r\n").split("\r\n")
        assertEquals(
            "\ufeffpath,verdict,probability,correction,bytes,judged_at,model,sha256",
            lines[0],
        )
        assertTrue(lines[1], lines[1].startsWith("'=cmd|'calc'!A0.jpg,not_meme,0.25,,"))
        assertTrue(lines[2], lines[2].startsWith("\"DCIM/Camera/a, \"\"b\"\".jpg\",not_meme,"))
        assertTrue(lines[3], lines[3].startsWith("DCIM/Camera/मीम.jpg,not_meme,"))
        assertEquals(4, lines.size)

        files.isFull = true
        save(to)
        assertEquals(
            "The table could not be saved there; choose another place.",
            screen.text(R.id.message_text),
        )
    }

    private fun save(to: android.net.Uri) {
        shadowOf(screen).clickMenuItem(R.id.verdicts_export)
        val asked = shadowOf(screen).nextStartedActivityForResult
        assertEquals(Intent.ACTION_CREATE_DOCUMENT, asked.intent.action)
        shadowOf(screen).receiveResult(asked.intent, Activity.RESULT_OK, Intent().setData(to))
        settle()
    }

    @Test
    fun `says what to do where there is nothing yet`() {
        FakeMediaStore.install()
        start()
        assertTrue(screen.shows(R.id.verdicts_empty))
        assertEquals("No verdicts yet", screen.text(R.id.empty_title))
    }
}
