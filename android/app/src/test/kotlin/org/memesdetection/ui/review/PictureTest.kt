package org.memesdetection.ui.review

import android.app.AlertDialog
import android.os.SystemClock
import android.view.MotionEvent
import android.view.View
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.Switch
import java.util.concurrent.CountDownLatch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.NativeTflite
import org.memesdetection.R
import org.memesdetection.SamplePhone
import org.memesdetection.die
import org.memesdetection.end
import org.memesdetection.model.Verdict
import org.memesdetection.open
import org.memesdetection.press
import org.memesdetection.putNavigationBar
import org.memesdetection.relayout
import org.memesdetection.settle
import org.memesdetection.shows
import org.memesdetection.text
import org.robolectric.RobolectricTestRunner
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowDialog

@RunWith(RobolectricTestRunner::class)
class PictureTest {
    private lateinit var controller: ActivityController<PictureActivity>
    private val screen: PictureActivity get() = controller.get()
    private val pager: Pager get() = screen.findViewById(R.id.picture_pager)

    /** The page on the screen. */
    private val page: ZoomView
        get() = (0 until 3).map { pager.getChildAt(it) as ZoomView }.first { it.translationX == 0f }

    private fun look(name: String, filter: Filter = Filter()) {
        val intent = PictureActivity.intent(SamplePhone.app, SamplePhone.uri(name), filter)
        controller = open(intent, PictureActivity::class.java)
    }

    @Test
    fun `shows the picture with its verdict, the reason, size and date`() {
        SamplePhone.judged()
        look("IMG-20260111-WA0003.jpg")
        assertEquals("3 of 5", screen.title)
        assertNotNull(page.drawable)
        assertEquals("Meme", screen.text(R.id.picture_badge))
        assertEquals("99.1 %", screen.text(R.id.picture_probability))
        assertTrue(screen.text(R.id.picture_reason).startsWith("Looks like a meme"))
        assertTrue("2026" in screen.text(R.id.picture_facts))
    }

    @Test
    fun `turns to the next picture by a swipe, and stays there over a rotation`() {
        SamplePhone.judged()
        look("IMG-20260111-WA0003.jpg")
        swipe(fromEnd = true)
        assertEquals("4 of 5", screen.title)
        assertNotNull(page.drawable)
        swipe(fromEnd = false)
        assertEquals("3 of 5", screen.title)
        pager.performAccessibilityAction(AccessibilityNodeInfo.ACTION_SCROLL_FORWARD, null)
        settle()
        assertEquals("4 of 5", screen.title)
        controller.recreate()
        settle()
        assertEquals("4 of 5", screen.title)
        controller = controller.die(PictureActivity::class.java)
        assertEquals("4 of 5", screen.title)
    }

    private fun swipe(fromEnd: Boolean) {
        val start = if (fromEnd) pager.width * 0.9f else pager.width * 0.1f
        val end = pager.width - start
        val time = SystemClock.uptimeMillis()
        fun send(action: Int, x: Float, at: Long) {
            val event = MotionEvent.obtain(time, time + at, action, x, pager.height / 2f, 0)
            pager.dispatchTouchEvent(event)
            event.recycle()
        }
        send(MotionEvent.ACTION_DOWN, start, 0)
        for (step in 1..8) {
            send(
                MotionEvent.ACTION_MOVE,
                start + (end - start) * step / 8,
                step * 16L,
            )
        }
        send(MotionEvent.ACTION_UP, end, 150)
        settle()
        screen.relayout()
    }

    @Test
    fun `is enlarged by a double tap, and a swipe then moves the picture`() {
        SamplePhone.judged()
        look("IMG-20260111-WA0003.jpg")
        val time = SystemClock.uptimeMillis()
        for (at in listOf(0L, 100L)) {
            for ((action, delay) in listOf(
                MotionEvent.ACTION_DOWN to 0L,
                MotionEvent.ACTION_UP to 20L,
            )) {
                val event = MotionEvent.obtain(
                    time + at,
                    time + at + delay,
                    action,
                    pager.width / 2f,
                    pager.height / 2f,
                    0,
                )
                pager.dispatchTouchEvent(event)
                event.recycle()
            }
        }
        settle()
        assertEquals(2.5f, page.zoom, 0.01f)
        swipe(fromEnd = true)
        assertEquals("3 of 5", screen.title)
    }

    @Test
    @Config(sdk = [34])
    fun `lays the heat map over the picture`() {
        NativeTflite.load()
        SamplePhone.judged()
        look("IMG-20260111-WA0003.jpg")
        val plain = screen.model.state.value.pages.getValue(
            SamplePhone.uri("IMG-20260111-WA0003.jpg"),
        )
        assertNull(plain.heat)
        screen.findViewById<Switch>(R.id.picture_heat).performClick()
        settle()
        val page = screen.model.state.value.pages.getValue(
            SamplePhone.uri("IMG-20260111-WA0003.jpg"),
        )
        assertNotNull(page.heat)
        assertFalse(page.heat!!.sameAs(page.picture))
    }

    @Test
    fun `keeps and marks, and a second press takes that back`() {
        SamplePhone.judged()
        look("IMG-20260111-WA0003.jpg")
        screen.press(R.id.action_keep)
        assertEquals("Kept", screen.text(R.id.picture_badge))
        assertEquals(listOf(Verdict.NOT_MEME), SamplePhone.app.marks.all().values.toList())
        assertEquals("3 of 5", screen.title)
        screen.press(R.id.action_keep)
        assertTrue(SamplePhone.app.marks.all().isEmpty())
        screen.press(R.id.action_mark)
        assertEquals(listOf(Verdict.MEME), SamplePhone.app.marks.all().values.toList())
    }

    @Test
    @Config(sdk = [26])
    fun `goes on with the next picture when one went to the trash`() {
        SamplePhone.judged()
        look("IMG-20260111-WA0003.jpg")
        screen.press(R.id.action_trash)
        val dialog = ShadowDialog.getLatestDialog() as AlertDialog
        dialog.getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        settle()
        assertEquals("3 of 4", screen.title)
        assertTrue(screen.text(R.id.message_text).startsWith("1 picture moved"))
    }

    @Test
    @Config(sdk = [34])
    fun `judges pictures that no scan has seen`() {
        NativeTflite.load()
        SamplePhone.withPictures()
        val pictures =
            listOf(
                SamplePhone.uri("IMG-20260111-WA0001.jpg"),
                SamplePhone.uri("IMG-20260111-WA0003.jpg"),
            )
        controller = open(
            PictureActivity.intent(SamplePhone.app, pictures, 1),
            PictureActivity::class.java,
        )
        assertEquals("2 of 2", screen.title)
        assertEquals("Meme", screen.text(R.id.picture_badge))
        // They are not the phone's to clean up.
        assertFalse(screen.shows(R.id.action_trash))
        val end = screen.putNavigationBar(96)
        assertTrue(screen.findViewById<View>(R.id.picture_heat).end <= end)
    }

    @Test
    fun `does what the user pressed, even if he goes back at once`() {
        SamplePhone.judged()
        look("IMG-20260111-WA0003.jpg")
        val busy = CountDownLatch(1)
        SamplePhone.app.executors.disk.execute(busy::await)
        screen.findViewById<View>(R.id.action_keep).performClick()
        controller.close()
        busy.countDown()
        settle()
        assertEquals(listOf(Verdict.NOT_MEME), SamplePhone.app.marks.all().values.toList())
    }

    @Test
    fun `says so when the picture is gone`() {
        val store = SamplePhone.judged()
        val uri = SamplePhone.uri("IMG-20260111-WA0003.jpg")
        store.remove(uri)
        controller = open(
            PictureActivity.intent(SamplePhone.app, uri, Filter()),
            PictureActivity::class.java,
        )
        assertTrue(screen.shows(R.id.picture_missing))
    }
}
