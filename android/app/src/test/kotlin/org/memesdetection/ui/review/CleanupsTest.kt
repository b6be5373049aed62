package org.memesdetection.ui.review

import android.app.Activity
import android.content.Intent
import android.os.Build
import android.widget.ListView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.FakeMediaStore
import org.memesdetection.R
import org.memesdetection.SamplePhone
import org.memesdetection.open
import org.memesdetection.press
import org.memesdetection.relayout
import org.memesdetection.settle
import org.memesdetection.shows
import org.memesdetection.text
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf

@RunWith(RobolectricTestRunner::class)
class CleanupsTest {
    private fun cleanups(): CleanupsActivity =
        open(CleanupsActivity.intent(SamplePhone.app), CleanupsActivity::class.java).get()

    /** Two pictures go to the trash, as by the review screen. */
    private fun cleanUp(store: FakeMediaStore) {
        val cleaning = SamplePhone.app.cleaning
        val pictures = SamplePhone.app.judged().filter { it.probability > 0.99 }.take(2)
        if (Build.VERSION.SDK_INT >= 30) {
            cleaning.trashRequest(pictures)
            store.applyTrash()
            cleaning.trashed(pictures)
        } else {
            cleaning.moveToOwnTrash(pictures)
        }
    }

    @Test
    fun `lists clean-ups and takes one back`() {
        val store = SamplePhone.judged()
        cleanUp(store)
        val before = SamplePhone.app.gallery.photos().size
        val screen = cleanups()
        assertEquals(1, screen.findViewById<ListView>(R.id.scrolling).count)
        assertTrue(screen.text(R.id.cleanup_what).startsWith("2 pictures, "))
        assertTrue("can be put back until" in screen.text(R.id.cleanup_when))
        screen.press(R.id.cleanup_undo)
        if (Build.VERSION.SDK_INT >= 30) {
            val started = shadowOf(screen).nextStartedActivityForResult
            store.applyTrash()
            shadowOf(screen).receiveResult(started.intent, Activity.RESULT_OK, Intent())
            settle()
            screen.relayout()
        }
        assertEquals(before + 2, SamplePhone.app.gallery.photos().size)
        assertTrue(screen.text(R.id.cleanup_when).endsWith("put back"))
        assertFalse(screen.shows(R.id.cleanup_undo))
    }

    @Test
    fun `says what will be here while there is nothing`() {
        FakeMediaStore.install()
        assertEquals("No clean-ups yet", cleanups().text(R.id.empty_title))
    }
}
