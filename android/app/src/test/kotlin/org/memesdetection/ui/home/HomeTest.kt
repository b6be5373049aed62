package org.memesdetection.ui.home

import android.content.Intent
import android.content.pm.PackageManager
import android.provider.Settings
import com.sun.net.httpserver.HttpServer
import java.net.InetSocketAddress
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.FakeMediaStore
import org.memesdetection.NativeTflite
import org.memesdetection.R
import org.memesdetection.SamplePhone
import org.memesdetection.gallery.Permissions
import org.memesdetection.gallery.Phase
import org.memesdetection.open
import org.memesdetection.press
import org.memesdetection.relayout
import org.memesdetection.settle
import org.memesdetection.shows
import org.memesdetection.text
import org.memesdetection.ui.CardButton
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
class HomeTest {
    private fun home(): HomeActivity =
        open(Intent(SamplePhone.app, HomeActivity::class.java), HomeActivity::class.java).get()

    private fun HomeActivity.answer(yes: Boolean) {
        val names = Permissions.asked()
        val result =
            if (yes) PackageManager.PERMISSION_GRANTED else PackageManager.PERMISSION_DENIED
        onRequestPermissionsResult(1, names, IntArray(names.size) { result })
        settle()
        relayout()
    }

    private fun HomeActivity.ping() = findViewById<CardButton>(R.id.home_ping)
        .findViewById<android.widget.TextView>(R.id.card_line).text.toString()

    @Test
    fun `tells what was found, how much it is and when it was looked for`() {
        SamplePhone.judged()
        val screen = home()
        assertEquals("5 memes", screen.text(R.id.home_found))
        assertEquals("190 kB among 13 pictures · checked just now", screen.text(R.id.home_line))
        screen.press(R.id.home_review)
        assertEquals("ReviewActivity", started(screen))
    }

    private fun started(screen: HomeActivity): String =
        shadowOf(screen).nextStartedActivity.component!!.className.substringAfterLast('.')

    @Test
    fun `starts each action with one press`() {
        FakeMediaStore.install()
        val screen = home()
        assertEquals("Find the memes", screen.text(R.id.home_found))
        assertFalse(screen.shows(R.id.home_review))
        val screens = mapOf(
            R.id.home_one_phone to "CheckActivity",
            R.id.home_many_phone to "CheckActivity",
            R.id.home_one_server to "CheckActivity",
            R.id.home_many_server to "CheckActivity",
            R.id.home_review_row to "ReviewActivity",
            R.id.home_verdicts to "VerdictsActivity",
            R.id.home_cleanups to "CleanupsActivity",
            R.id.home_settings to "SettingsActivity",
        )
        for ((button, opened) in screens) {
            screen.press(button)
            assertEquals(opened, started(screen))
        }
    }

    @Test
    fun `asks for the pictures, says why after a no, and leads to the settings after two`() {
        val store = FakeMediaStore.install()
        store.revoke()
        val screen = home()
        assertFalse(screen.shows(R.id.home_notice))
        screen.press(R.id.home_scan)
        assertEquals(
            Permissions.asked().toList(),
            shadowOf(screen).lastRequestedPermission.requestedPermissions.toList(),
        )
        shadowOf(screen.packageManager)
            .setShouldShowRequestPermissionRationale(Permissions.asked().first(), true)
        screen.answer(yes = false)
        assertTrue(
            screen.text(R.id.home_notice_text),
            "nothing is sent" in screen.text(R.id.home_notice_text),
        )
        shadowOf(screen.packageManager)
            .setShouldShowRequestPermissionRationale(Permissions.asked().first(), false)
        screen.answer(yes = false)
        assertTrue("settings" in screen.text(R.id.home_notice_text))
        screen.press(R.id.home_notice_action)
        val settings = shadowOf(screen).nextStartedActivity
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, settings.action)
        assertEquals(Phase.IDLE, screen.model.scan.value.phase)
        store.grant()
        screen.answer(yes = true)
        assertFalse(screen.shows(R.id.home_notice))
        awaitScan(screen, Phase.DONE)
    }

    @Test
    @Config(sdk = [34])
    fun `offers to choose more where only some pictures may be seen`() {
        FakeMediaStore.install().grantChosenOnly()
        val screen = home()
        assertEquals("Choose more", screen.text(R.id.home_notice_action))
        screen.press(R.id.home_notice_action)
        assertTrue(shadowOf(screen).lastRequestedPermission != null)
    }

    @Test
    @Config(sdk = [34])
    fun `scans the pictures, pauses and goes on`() {
        NativeTflite.load()
        val store = SamplePhone.withPictures()
        // The scan waits at the third picture until it is told to pause.
        var opened = 0
        val waiting = java.util.concurrent.CountDownLatch(1)
        val reached = java.util.concurrent.CountDownLatch(1)
        store.onOpen = {
            if (++opened == 3) {
                reached.countDown()
                waiting.await()
            }
        }
        val screen = home()
        screen.press(R.id.home_scan)
        reached.await()
        settle()
        assertTrue(screen.text(R.id.home_count), screen.text(R.id.home_count).startsWith("2 of "))
        assertTrue(screen.shows(R.id.home_cancel))
        screen.press(R.id.home_pause)
        waiting.countDown()
        awaitScan(screen, Phase.PAUSED)
        assertEquals("Go on", screen.text(R.id.home_pause))
        screen.press(R.id.home_pause)
        awaitScan(screen, Phase.DONE)
        assertTrue(screen.text(R.id.home_found), screen.text(R.id.home_found).endsWith("memes"))
        assertTrue(screen.shows(R.id.home_scan))
    }

    private fun awaitScan(screen: HomeActivity, phase: Phase) {
        val end = System.nanoTime() + 120_000_000_000
        while (screen.model.scan.value.phase != phase) {
            check(System.nanoTime() < end) { "The scan stays ${screen.model.scan.value}." }
            Thread.sleep(5)
        }
        settle()
        screen.relayout()
    }

    @Test
    fun `pings the server and tells how long it took`() {
        FakeMediaStore.install()
        val screen = home()
        screen.press(R.id.home_ping)
        assertTrue(screen.ping(), "settings" in screen.ping())
        val server = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0)
        server.createContext("/v1/ping") {
            val answer = """{"message": "pong"}""".toByteArray()
            it.responseHeaders.add("Content-Type", "application/json")
            it.sendResponseHeaders(200, answer.size.toLong())
            it.responseBody.use { body -> body.write(answer) }
        }
        server.start()
        SamplePhone.app.settings.serverAddress = "http://127.0.0.1:${server.address.port}"
        screen.press(R.id.home_ping)
        assertTrue(screen.ping(), Regex("pong · \\d+ ms").matches(screen.ping()))
        server.stop(0)
        screen.press(R.id.home_ping)
        assertFalse(screen.ping(), "pong" in screen.ping())
    }
}
