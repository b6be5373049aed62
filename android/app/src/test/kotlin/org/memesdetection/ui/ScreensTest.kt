package org.memesdetection.ui

import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.FakeMediaStore
import org.memesdetection.NativeTflite
import org.memesdetection.SamplePhone
import org.memesdetection.Screenshot
import org.memesdetection.gallery.Phase
import org.memesdetection.gallery.ScanState
import org.memesdetection.open
import org.memesdetection.relayout
import org.memesdetection.settle
import org.memesdetection.ui.home.HomeActivity
import org.memesdetection.ui.review.CleanupsActivity
import org.memesdetection.ui.review.Filter
import org.memesdetection.ui.review.PictureActivity
import org.memesdetection.ui.review.ReviewActivity
import org.memesdetection.ui.review.Shown
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowDialog

/**
 * Draws each screen in many looks, for people to look at, from the pictures of samples/ alone;
 * `make android-screenshots` puts some of them into docs and the stores' pages.
 */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class ScreensTest {
    private val app get() = SamplePhone.app
    private lateinit var look: String

    private fun home(name: String = "home", before: (HomeActivity) -> Unit = {}) =
        shot(Intent(app, HomeActivity::class.java), HomeActivity::class.java, name, before)

    private fun review(name: String = "review", before: (ReviewActivity) -> Unit = {}) =
        shot(ReviewActivity.intent(app), ReviewActivity::class.java, name, before)

    private fun selection() = review("selection") {
        it.model.show(Filter(Shown.ALL))
        settle()
        it.model.select(it.model.state.value.album.pictures.take(3).map { one -> one.uri }.toSet())
    }

    private fun picture(heat: Boolean = false) {
        val uri = SamplePhone.uri("IMG-20260111-WA0003.jpg")
        val intent = PictureActivity.intent(app, uri, Filter())
        shot(intent, PictureActivity::class.java, if (heat) "heat" else "picture") {
            if (heat) it.model.showHeat(true)
        }
    }

    private fun <A : Activity> shot(
        intent: Intent,
        screen: Class<A>,
        name: String,
        before: (A) -> Unit = {},
    ) {
        open(intent, screen).use {
            before(it.get())
            settle()
            it.get().relayout()
            Screenshot.take(it.get(), "$name-$look")
        }
    }

    private fun <A : Activity> shot(screen: Class<A>, name: String) =
        shot(Intent(app, screen), screen, name)

    private fun inLook(name: String, phone: () -> Unit = { SamplePhone.judged() }) {
        look = name
        phone()
    }

    @Test
    fun `in light`() {
        inLook("light") { SamplePhone.addDamaged(SamplePhone.judged()) }
        home()
        review()
        selection()
        picture()
        review("failed") { it.model.show(Filter(Shown.FAILED)) }
        shot(CleanupsActivity::class.java, "nothing")
    }

    @Test
    fun `while a scan runs`() {
        inLook("light")
        home("scan") {
            it.model.scan.set(
                ScanState(Phase.RUNNING, 312, 840, 5, 190_000, 2, 0, 14.2, secondsLeft = 37),
            )
        }
    }

    @Test
    fun `without the right to see pictures`() {
        inLook("light") { FakeMediaStore.install().revoke() }
        home("denied") { it.model.permitted(blocked = false) }
    }

    @Test
    fun `with a heat map`() {
        NativeTflite.load()
        inLook("light")
        picture(heat = true)
    }

    @Test
    fun `after a clean-up`() {
        lateinit var store: FakeMediaStore
        inLook("light") { store = SamplePhone.judged() }
        review("undo") { screen ->
            screen.model.trash(screen.model.state.value.album.pictures.take(2))
            settle()
            store.applyTrash()
            screen.model.answered(yes = true)
        }
        shot(CleanupsActivity::class.java, "cleanups")
        review("others") { screen ->
            screen.model.show(Filter(Shown.UNSURE))
            settle()
            screen.model.trash(screen.model.state.value.album.pictures)
            settle()
            val dialog = (ShadowDialog.getLatestDialog() as AlertDialog).window!!.decorView
            Screenshot.take(dialog, "dialog-$look", 640, 420)
        }
    }

    @Test
    @Config(sdk = [26])
    fun `on Android 8`() {
        inLook("android8")
        home()
        selection()
    }

    @Test
    @Config(qualifiers = "+night")
    fun `in dark`() {
        inLook("dark")
        home()
        review()
        selection()
        picture()
    }

    @Test
    @Config(qualifiers = "+hi-rIN")
    fun `in Hindi`() {
        inLook("hindi")
        home()
        review()
        selection()
        picture()
    }

    @Test
    @Config(qualifiers = "+ar-rEG-ldrtl")
    fun `from right to left`() {
        inLook("rtl")
        home()
        selection()
    }

    @Test
    fun `in large letters`() {
        RuntimeEnvironment.setFontScale(2f)
        inLook("large")
        home()
        selection()
        picture()
    }

    @Test
    @Config(qualifiers = "w640dp-h360dp-land-xhdpi")
    fun `in landscape`() {
        inLook("landscape")
        home()
        selection()
        picture()
    }

    @Test
    @Config(qualifiers = "w1280dp-h800dp-land-mdpi")
    fun `on a tablet`() {
        inLook("tablet")
        home()
        selection()
        picture()
    }
}
