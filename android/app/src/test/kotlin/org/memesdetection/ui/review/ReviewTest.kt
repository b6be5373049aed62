package org.memesdetection.ui.review

import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.Looper
import android.os.SystemClock
import android.view.MotionEvent
import android.view.View
import android.widget.CheckBox
import android.widget.GridView
import android.widget.ListView
import android.widget.TextView
import java.util.concurrent.CountDownLatch
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.FakeMediaStore
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
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowDialog

@RunWith(RobolectricTestRunner::class)
class ReviewTest {
    private lateinit var controller: ActivityController<ReviewActivity>
    private val screen: ReviewActivity get() = controller.get()
    private val grid: GridView get() = screen.findViewById(R.id.scrolling)
    private val names: List<String>
        get() = screen.model.state.value.album.pictures.map { it.name }

    private fun review() {
        controller = open(ReviewActivity.intent(SamplePhone.app), ReviewActivity::class.java)
    }

    private fun show(change: (Filter) -> Filter) {
        screen.model.show(change(screen.model.state.value.filter))
        settle()
        screen.relayout()
    }

    private fun check(place: Int) {
        grid.getChildAt(place).findViewById<CheckBox>(R.id.cell_check).performClick()
        settle()
        screen.relayout()
    }

    private fun said(): String = screen.text(R.id.message_text)

    /** The user's answer to the dialog of the system, or of the app below API 30. */
    private fun answer(store: FakeMediaStore, yes: Boolean = true) {
        if (Build.VERSION.SDK_INT >= 30) {
            val started = shadowOf(screen).nextStartedActivityForResult
            if (yes) store.applyTrash() else store.refuse()
            shadowOf(screen).receiveResult(
                started.intent,
                if (yes) Activity.RESULT_OK else Activity.RESULT_CANCELED,
                Intent(),
            )
        } else {
            pressInDialog(if (yes) AlertDialog.BUTTON_POSITIVE else AlertDialog.BUTTON_NEGATIVE)
        }
        settle()
        screen.relayout()
    }

    private fun pressInDialog(button: Int) {
        (ShadowDialog.getLatestDialog() as AlertDialog).getButton(button).performClick()
        settle()
    }

    @Test
    fun `shows memes, the surest first, each with probability, size and date`() {
        SamplePhone.judged()
        review()
        assertEquals(
            listOf(
                "IMG-20260105-WA0002.jpg",
                "IMG-20260114-WA0001.webp",
                "IMG-20260111-WA0003.jpg",
                "IMG-20260107-WA0002.jpg",
                "IMG-20260120-WA0001.jpg",
            ),
            names,
        )
        assertEquals(2, grid.numColumns)
        val cell = grid.getChildAt(0)
        assertEquals("99.9 %", cell.findViewById<TextView>(R.id.cell_probability).text)
        val facts = cell.findViewById<TextView>(R.id.cell_facts).text.toString()
        assertTrue(facts, "kB" in facts && "2026" in facts)
        assertTrue("IMG-20260105-WA0002.jpg" in cell.contentDescription)
    }

    @Test
    fun `filters by verdict, size, date and folder`() {
        SamplePhone.judged()
        review()
        show { it.copy(shown = Shown.UNSURE) }
        assertEquals(listOf("IMG-20260120-WA0003.jpg", "IMG-20260105-WA0003.png"), names)
        show { it.copy(shown = Shown.ALL) }
        assertEquals(13, names.size)
        show { it.copy(folder = "DCIM/Camera/") }
        assertEquals(3, names.size)
        show { it.copy(folder = null, age = Age.OLD) }
        val old = names.size
        show { it.copy(age = Age.ANY, size = LeastSize.LARGE) }
        assertTrue(names.isEmpty())
        assertTrue(screen.shows(R.id.review_empty))
        screen.press(R.id.empty_action)
        assertEquals(13, names.size)
        assertTrue(old == 0 || old == 13)
    }

    @Test
    fun `selects one, many by dragging, and all, and sums them up`() {
        SamplePhone.judged()
        review()
        check(0)
        assertTrue(screen.text(R.id.review_total).startsWith("1 picture, "))
        // A press on a picture selects, too, while there is a selection.
        grid.performItemClick(grid.getChildAt(1), 1, 0)
        settle()
        assertTrue(screen.text(R.id.review_total).startsWith("2 pictures, "))
        screen.model.clearSelection()
        settle()
        drag(from = 1, to = 3)
        assertEquals(
            names.subList(1, 4).toSet(),
            screen.model.selection.map { it.name }.toSet(),
        )
        screen.model.selectAll()
        settle()
        assertTrue(screen.text(R.id.review_total).startsWith("5 pictures, "))
        @Suppress("DEPRECATION")
        screen.onBackPressed()
        settle()
        assertFalse(screen.shows(R.id.bottom_bar))
        assertFalse(screen.isFinishing)
    }

    private fun drag(from: Int, to: Int) {
        val press = grid.onItemLongClickListener
        press.onItemLongClick(grid, grid.getChildAt(from), from, 0)
        val end = grid.getChildAt(to)
        val time = SystemClock.uptimeMillis()
        val x = end.left + end.width / 2f
        val y = end.top + end.height / 2f
        for (action in listOf(MotionEvent.ACTION_MOVE, MotionEvent.ACTION_UP)) {
            val event = MotionEvent.obtain(time, time, action, x, y, 0)
            grid.dispatchTouchEvent(event)
            event.recycle()
        }
        settle()
    }

    @Test
    fun `moves what is selected to the trash and takes it back`() {
        val store = SamplePhone.judged()
        review()
        val uris = screen.model.state.value.album.pictures.take(2).map { it.uri }
        val before = uris.map(::content)
        check(0)
        check(1)
        screen.press(R.id.action_trash)
        answer(store)
        assertTrue(said(), said().startsWith("2 pictures moved to the trash, "))
        assertEquals(3, names.size)
        uris.forEach { assertFalse(isThere(store, it)) }
        screen.press(R.id.message_action)
        if (Build.VERSION.SDK_INT >= 30) answer(store)
        val back = SamplePhone.app.gallery.photos().filter { it.name in listOf(NAME_1, NAME_2) }
        assertEquals(2, back.size)
        assertArrayEquals(before[0], content(back.first { it.name == NAME_1 }.uri))
        assertTrue(said(), "back" in said())
    }

    private fun isThere(store: FakeMediaStore, uri: Uri) = store.has(uri) && !store.isTrashed(uri)

    private fun content(uri: Uri) =
        SamplePhone.app.contentResolver.openInputStream(uri)!!.readBytes()

    @Test
    @Config(sdk = [34])
    fun `asks once however often the button is pressed, and shows that it is at work`() {
        val store = SamplePhone.judged()
        review()
        check(0)
        val read = CountDownLatch(1)
        val opened = CountDownLatch(1)
        store.onOpen = {
            opened.countDown()
            read.await()
        }
        val trash = screen.findViewById<View>(R.id.action_trash)
        trash.performClick()
        opened.await()
        shadowOf(Looper.getMainLooper()).idle()
        assertTrue(screen.shows(R.id.review_scanning))
        trash.performClick()
        read.countDown()
        settle()
        assertFalse(screen.shows(R.id.review_scanning))
        assertNotNull(shadowOf(screen).nextStartedActivityForResult)
        assertNull(shadowOf(screen).nextStartedActivityForResult)
        assertFalse(screen.shows(R.id.messages))
    }

    @Test
    fun `moves nothing when the user says no`() {
        val store = SamplePhone.judged()
        review()
        check(0)
        screen.press(R.id.action_trash)
        answer(store, yes = false)
        assertEquals(5, names.size)
        assertTrue(isThere(store, screen.model.state.value.album.pictures[0].uri))
    }

    @Test
    fun `asks once more before anything unsure goes`() {
        val store = SamplePhone.judged()
        review()
        show { it.copy(shown = Shown.ALL) }
        screen.model.selectAll()
        settle()
        screen.press(R.id.action_trash)
        val dialog = ShadowDialog.getLatestDialog() as AlertDialog
        val text = dialog.findViewById<TextView>(android.R.id.message).text.toString()
        assertTrue(text, text.startsWith("8 of these 13 pictures are not surely memes."))
        pressInDialog(AlertDialog.BUTTON_NEUTRAL)
        answer(store)
        assertTrue(said(), said().startsWith("5 pictures moved to the trash, "))
        assertEquals(8, names.size)
    }

    @Test
    fun `leaves a picture that is not what was judged`() {
        val store = SamplePhone.judged()
        review()
        val first = screen.model.state.value.album.pictures[0].uri
        store.replace(first, byteArrayOf(1, 2, 3))
        check(0)
        screen.press(R.id.action_trash)
        if (Build.VERSION.SDK_INT < 30) answer(store)
        assertTrue(said(), "changed since" in said())
        assertTrue(isThere(store, first))
    }

    @Test
    fun `keeps and marks pictures, and takes that back`() {
        SamplePhone.judged()
        review()
        check(0)
        screen.press(R.id.action_keep)
        assertEquals(4, names.size)
        assertTrue(said(), "kept" in said())
        assertEquals(listOf(Verdict.NOT_MEME), SamplePhone.app.marks.all().values.toList())
        screen.press(R.id.message_action)
        assertEquals(5, names.size)
        assertTrue(SamplePhone.app.marks.all().isEmpty())
        show { it.copy(shown = Shown.UNSURE) }
        check(0)
        screen.press(R.id.action_mark)
        assertEquals(1, names.size)
        show { it.copy(shown = Shown.MEMES) }
        assertTrue("IMG-20260120-WA0003.jpg" in names)
    }

    @Test
    fun `names the pictures that could not be judged, each with its reason`() {
        SamplePhone.addDamaged(SamplePhone.judged())
        review()
        show { it.copy(shown = Shown.FAILED) }
        assertTrue(screen.shows(R.id.review_failures))
        assertEquals("IMG-20260121-WA0004.jpg", screen.text(R.id.failed_name))
        assertTrue(screen.text(R.id.failed_error).isNotEmpty())
    }

    @Test
    @Config(sdk = [34])
    fun `the last of those that could not be judged is above the navigation bar`() {
        val store = SamplePhone.judged()
        repeat(20) { SamplePhone.addDamaged(store, "broken-$it.jpg") }
        review()
        show { it.copy(shown = Shown.FAILED) }
        val end = screen.putNavigationBar(96)
        val list = screen.findViewById<ListView>(R.id.review_failures)
        list.setSelection(list.count - 1)
        screen.relayout()
        assertEquals(list.count - 1, list.lastVisiblePosition)
        assertTrue(list.getChildAt(list.childCount - 1).end <= end)
    }

    @Test
    fun `keeps filters and selection over a rotation and the end of the process`() {
        SamplePhone.judged()
        review()
        show { it.copy(shown = Shown.NOT_MEMES, order = Order.NEW) }
        check(1)
        val selected = screen.model.selection
        val model = screen.model
        controller.recreate()
        settle()
        assertTrue(screen.model === model)
        assertEquals(selected, screen.model.selection)
        controller = controller.die(ReviewActivity::class.java)
        assertFalse(screen.model === model)
        assertEquals(Shown.NOT_MEMES, screen.model.state.value.filter.shown)
        assertEquals(Order.NEW, screen.model.state.value.filter.order)
        assertEquals(selected.map { it.uri }, screen.model.selection.map { it.uri })
        assertTrue(screen.text(R.id.review_total).startsWith("1 picture, "))
    }

    @Test
    fun `says what to do where there is nothing`() {
        FakeMediaStore.install()
        review()
        assertEquals("No pictures checked yet", screen.text(R.id.empty_title))
        screen.press(R.id.empty_action)
        assertEquals(
            "org.memesdetection.ui.home.HomeActivity",
            shadowOf(screen).nextStartedActivity.component!!.className,
        )
    }

    @Test
    fun `opens a picture in full`() {
        SamplePhone.judged()
        review()
        grid.performItemClick(grid.getChildAt(2), 2, 0)
        val intent = shadowOf(screen).nextStartedActivity
        assertEquals(PictureActivity::class.java.name, intent.component!!.className)
        assertEquals(screen.model.state.value.album.pictures[2].uri, intent.data)
    }

    private companion object {
        const val NAME_1 = "IMG-20260105-WA0002.jpg"
        const val NAME_2 = "IMG-20260114-WA0001.webp"
    }
}
