package org.memesdetection.ui.check

import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.provider.MediaStore
import android.view.View
import android.widget.ListView
import android.widget.TextView
import java.io.File
import java.net.Proxy
import java.net.ProxySelector
import java.net.SocketAddress
import java.net.URI
import java.util.concurrent.CountDownLatch
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.Checkout
import org.memesdetection.NativeTflite
import org.memesdetection.OtherApp
import org.memesdetection.R
import org.memesdetection.SamplePhone
import org.memesdetection.die
import org.memesdetection.model.Content
import org.memesdetection.model.Verdict
import org.memesdetection.open
import org.memesdetection.press
import org.memesdetection.relayout
import org.memesdetection.server.FlaskServer
import org.memesdetection.server.OddServer
import org.memesdetection.server.OddServer.Companion.memes
import org.memesdetection.server.OddServer.Companion.say
import org.memesdetection.settle
import org.memesdetection.shows
import org.memesdetection.text
import org.memesdetection.ui.review.PictureActivity
import org.memesdetection.ui.settings.SettingsActivity
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowDialog

@RunWith(RobolectricTestRunner::class)
class CheckTest {
    private val files = OtherApp.install()
    private val meme = Checkout.samples.first { it.name in Checkout.memes }
    private val photo = Checkout.samples.first { it.name !in Checkout.memes }
    private lateinit var controller: ActivityController<CheckActivity>
    private val screen get() = controller.get()
    private val state get() = screen.model.state.value

    private fun start(intent: Intent) {
        controller = open(intent, CheckActivity::class.java)
    }

    /** Start the check that a button of the first screen starts, and pick [pictures]. */
    private fun pick(where: Where, vararg pictures: Uri) {
        start(CheckActivity.intent(SamplePhone.app, where, many = true))
        answer(OtherApp.picked(*pictures))
    }

    private fun answer(result: Intent?, code: Int = Activity.RESULT_OK) {
        val asked = shadowOf(screen).nextStartedActivityForResult
        shadowOf(screen).receiveResult(asked.intent, code, result)
        settle()
        screen.relayout()
    }

    private fun share(vararg pictures: Uri) = Intent(SamplePhone.app, CheckActivity::class.java)
        .setAction(Intent.ACTION_SEND_MULTIPLE)
        .setType("image/*")
        .putParcelableArrayListExtra(Intent.EXTRA_STREAM, arrayListOf(*pictures))

    private fun use(address: String, key: String = "") {
        SamplePhone.app.settings.serverAddress = address
        SamplePhone.app.settings.serverKey = key
    }

    private fun row(place: Int): View {
        val list = screen.findViewById<ListView>(R.id.scrolling)
        return list.adapter.getView(place + list.headerViewsCount, null, list)
    }

    private fun View.said(id: Int) = findViewById<TextView>(id).text.toString()

    @After
    fun close() {
        if (::controller.isInitialized) controller.close()
    }

    @Test
    fun `asks the system's picker, which needs no permission`() {
        start(CheckActivity.intent(SamplePhone.app, Where.SERVER, many = true))
        val many = shadowOf(screen).nextStartedActivityForResult.intent
        if (Build.VERSION.SDK_INT >= 33) {
            assertEquals(MediaStore.ACTION_PICK_IMAGES, many.action)
            assertTrue(many.getIntExtra(MediaStore.EXTRA_PICK_IMAGES_MAX, 1) > 1)
        } else {
            assertEquals(Intent.ACTION_OPEN_DOCUMENT, many.action)
            assertTrue(many.getBooleanExtra(Intent.EXTRA_ALLOW_MULTIPLE, false))
        }
        controller.close()
        start(CheckActivity.intent(SamplePhone.app, Where.SERVER, many = false))
        val one = shadowOf(screen).nextStartedActivityForResult.intent
        assertEquals(1, one.getIntExtra(MediaStore.EXTRA_PICK_IMAGES_MAX, 1))
        assertFalse(one.getBooleanExtra(Intent.EXTRA_ALLOW_MULTIPLE, false))
    }

    @Test
    fun `who picks nothing is back where he was`() {
        start(CheckActivity.intent(SamplePhone.app, Where.PHONE, many = true))
        answer(null, Activity.RESULT_CANCELED)
        assertTrue(screen.isFinishing)
    }

    @Test
    fun `the project's server judges what was picked, with an error for what is none`() {
        use(FlaskServer.address(), FlaskServer.KEY)
        val text = files.put("notes.jpg", "no picture".toByteArray())
        pick(Where.SERVER, files.put(meme), text, files.put(photo))

        val (first, second, third) = state.pictures.map { it.outcome }
        assertTrue((first as Outcome.OnServer).probability > 0.5)
        assertTrue(second is Outcome.Failed)
        assertEquals(Verdict.NOT_MEME, (third as Outcome.OnServer).verdict)
        assertEquals(meme.name, row(0).said(R.id.check_name))
        assertTrue(row(0).said(R.id.check_probability).endsWith(" %"))
        assertEquals("Not judged", row(1).said(R.id.check_badge))
        assertTrue(row(1).contentDescription.contains("The server cannot judge this picture"))
        assertEquals("The pictures are sent to 127.0.0.1.", screen.text(R.id.check_where_line))
        assertFalse(screen.shows(R.id.check_notice))

        val list = screen.findViewById<ListView>(R.id.scrolling)
        list.performItemClick(null, 1, 0)
        settle()
        val dialog = ShadowDialog.getLatestDialog() as AlertDialog
        assertEquals(
            (first as Outcome.OnServer).reason(screen.resources),
            dialog.findViewById<TextView>(R.id.answer_reason).text.toString(),
        )
    }

    @Test
    @Config(sdk = [34])
    fun `on the phone nothing leaves it`() {
        NativeTflite.load()
        val connections = mutableListOf<URI>()
        val before = ProxySelector.getDefault()
        ProxySelector.setDefault(object : ProxySelector() {
            override fun select(to: URI) = listOf(Proxy.NO_PROXY).also { connections += to }

            override fun connectFailed(to: URI, by: SocketAddress, error: java.io.IOException) {}
        })
        try {
            OddServer { it.say(200, memes(1)) }.use { server ->
                use(server.address)
                // Another app cannot have pictures sent, whatever it asks for.
                val shared = share(files.put(meme), files.put(photo))
                start(shared.putExtra("server", true))
                assertEquals(
                    listOf(Verdict.MEME, Verdict.NOT_MEME),
                    state.pictures.map {
                        it.verdict
                    },
                )
                assertTrue(server.asked.isEmpty() && connections.isEmpty())
                assertEquals("Nothing leaves the phone.", screen.text(R.id.check_where_line))
                assertTrue("1 meme" in screen.text(R.id.check_count))

                // The same counter counts where something does leave it.
                screen.model.move(Where.SERVER)
                settle()
                assertTrue(connections.isNotEmpty())
            }
        } finally {
            ProxySelector.setDefault(before)
        }
    }

    @Test
    @Config(sdk = [34])
    fun `what the user kept is no meme here either, and opens in full`() {
        NativeTflite.load()
        SamplePhone.app.marks.keep(listOf(Content.sha256(meme.readBytes())))
        start(share(files.put(meme)))
        assertEquals(Verdict.NOT_MEME, state.pictures.single().verdict)
        assertEquals("You kept this picture.", row(0).said(R.id.check_reason))
        screen.findViewById<ListView>(R.id.scrolling).performItemClick(null, 1, 0)
        val opened = shadowOf(screen).nextStartedActivity
        assertEquals(PictureActivity::class.java.name, opened.component!!.className)
        assertEquals(state.pictures.single().uri, opened.data)
        open(opened, PictureActivity::class.java).use {
            assertEquals(row(0).said(R.id.check_badge), it.get().text(R.id.picture_badge))
            assertEquals("You kept this picture.", it.get().text(R.id.picture_reason))
        }
    }

    @Test
    fun `what else the model is asked for waits for one picture, not for all`() {
        val model = SamplePhone.app.executors.model
        start(CheckActivity.intent(SamplePhone.app, Where.PHONE, many = true))
        val began = CountDownLatch(1)
        val busy = CountDownLatch(1)
        model.execute {
            began.countDown()
            busy.await()
        }
        began.await()
        screen.model.take(List(3) { files.put("$it.jpg", byteArrayOf(1, 2, 3)) })
        while (model.queue.isEmpty()) Thread.sleep(5)
        var before = -1
        model.execute { before = state.done }
        busy.countDown()
        settle()
        assertEquals(1, before)
        assertEquals(3, state.done)
        assertFalse(state.running)
    }

    @Test
    fun `where the server fails, says why once and keeps what there is`() {
        use("http://127.0.0.1:1")
        pick(Where.SERVER, files.put(meme), files.put(photo))
        assertTrue(screen.text(R.id.check_notice_text).startsWith("The server 127.0.0.1 cannot be"))
        assertEquals(2, state.pictures.size)
        assertEquals("0 of 2 checked", screen.text(R.id.check_count))

        OddServer { it.say(200, memes(asked.last().pictures)) }.use { server ->
            use(server.address)
            screen.press(R.id.check_notice_action)
            assertEquals(List(2) { Verdict.MEME }, state.pictures.map { it.verdict })
            assertFalse(screen.shows(R.id.check_notice))
        }
    }

    @Test
    fun `a wrong key and a missing address lead to the settings`() {
        use("")
        pick(Where.SERVER, files.put(meme))
        assertEquals(
            "No server is set; enter its address in the settings.",
            screen.text(R.id.check_notice_text),
        )
        use(FlaskServer.address(), "wrong")
        screen.model.goOn()
        settle()
        assertEquals(
            "The server does not know this key; check it in the settings.",
            screen.text(R.id.check_notice_text),
        )
        screen.press(R.id.check_notice_action)
        val opened = shadowOf(screen).nextStartedActivity
        assertEquals(SettingsActivity::class.java.name, opened.component!!.className)
    }

    @Test
    fun `takes no paths of files from other apps`() {
        val own = File(SamplePhone.app.filesDir, "own.jpg").apply { writeBytes(meme.readBytes()) }
        start(share(Uri.fromFile(own)))
        assertTrue(state.pictures.isEmpty())
        assertEquals(
            "What was shared is no picture that this app may read.",
            screen.text(R.id.message_text),
        )
    }

    @Test
    fun `a rotation keeps the verdicts, and nothing is sent again when the process ended`() {
        OddServer { it.say(200, memes(asked.last().pictures)) }.use { server ->
            use(server.address)
            pick(Where.SERVER, files.put(meme))
            controller.recreate()
            settle()
            assertEquals(Verdict.MEME, state.pictures.single().verdict)
            assertEquals(1, server.asked.size)

            controller = controller.die(CheckActivity::class.java)
            assertEquals(listOf(meme.name), state.pictures.map { it.name })
            assertNull(state.pictures.single().outcome)
            assertEquals(1, server.asked.size)
            screen.press(R.id.check_go_on)
            assertEquals(Verdict.MEME, state.pictures.single().verdict)
        }
    }

    @Test
    fun `can be stopped and gone on with`() {
        OddServer {
            if (asked.size == 1) Thread.sleep(60_000) else it.say(200, memes(asked.last().pictures))
        }.use { server ->
            use(server.address)
            start(CheckActivity.intent(SamplePhone.app, Where.SERVER, many = true))
            val asked = shadowOf(screen).nextStartedActivityForResult
            val picked = OtherApp.picked(files.put(meme), files.put(photo))
            shadowOf(screen).receiveResult(asked.intent, Activity.RESULT_OK, picked)
            while (server.asked.isEmpty()) Thread.sleep(5)
            screen.model.stop()
            settle()
            assertEquals("0 of 2 checked", screen.text(R.id.check_count))
            assertFalse(screen.shows(R.id.check_notice))
            screen.press(R.id.check_go_on)
            assertEquals(2, state.done)
        }
    }

    @Test
    fun `shows only what was asked for`() {
        use(FlaskServer.address(), FlaskServer.KEY)
        pick(Where.SERVER, files.put(meme), files.put(photo))
        screen.model.show(Only.NOT_MEMES)
        settle()
        assertEquals(listOf(photo.name), state.shown.map { it.name })
        assertEquals(photo.name, row(0).said(R.id.check_name))
    }
}
