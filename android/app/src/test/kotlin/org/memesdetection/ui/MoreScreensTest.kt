package org.memesdetection.ui

import android.content.Intent
import android.widget.ListView
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.Checkout
import org.memesdetection.OtherApp
import org.memesdetection.R
import org.memesdetection.SamplePhone
import org.memesdetection.Screenshot
import org.memesdetection.model.Content
import org.memesdetection.open
import org.memesdetection.press
import org.memesdetection.relayout
import org.memesdetection.server.FlaskServer
import org.memesdetection.settle
import org.memesdetection.ui.check.CheckActivity
import org.memesdetection.ui.check.Where
import org.memesdetection.ui.settings.AboutActivity
import org.memesdetection.ui.settings.SettingsActivity
import org.memesdetection.ui.verdicts.VerdictsActivity
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowDialog

/** Draws the screens of checks, verdicts and settings in many looks, for people to look at. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class MoreScreensTest {
    private fun shoot(name: String) {
        SamplePhone.judged()
        val kept = SamplePhone.uri("IMG-20260105-WA0002.jpg")
        SamplePhone.app.marks.keep(
            listOf(Content.read(SamplePhone.app.contentResolver, kept).sha256),
        )
        SamplePhone.app.settings.serverAddress = FlaskServer.address()
        SamplePhone.app.settings.serverKey = FlaskServer.KEY

        val screen = SamplePhone.app.resources.displayMetrics
        open(
            Intent(SamplePhone.app, VerdictsActivity::class.java),
            VerdictsActivity::class.java,
        ).use {
            it.get().press(R.id.head_probability)
            Screenshot.take(it.get(), "verdicts-$name")
        }
        open(SettingsActivity.intent(SamplePhone.app), SettingsActivity::class.java).use {
            it.get().press(R.id.settings_background)
            it.get().press(R.id.settings_test)
            Screenshot.take(it.get(), "settings-$name")
            Screenshot.take(it.get(), "settings-whole-$name", height = screen.widthPixels * 4)
        }
        open(Intent(SamplePhone.app, AboutActivity::class.java), AboutActivity::class.java).use {
            Screenshot.take(it.get(), "about-$name")
        }
        shootCheck(name)
    }

    private fun shootCheck(name: String) {
        val files = OtherApp.install()
        val pictures = Checkout.samples.take(5).map(files::put).toMutableList()
        pictures.add(2, files.put("IMG-20260105-WA0009.jpg", byteArrayOf(1, 2, 3)))
        open(
            CheckActivity.intent(SamplePhone.app, Where.SERVER, many = true),
            CheckActivity::class.java,
        ).use {
            it.get().model.take(pictures)
            settle()
            it.get().relayout()
            Screenshot.take(it.get(), "check-$name")
            it.get().findViewById<ListView>(R.id.scrolling).performItemClick(null, 2, 0)
            settle()
            val dialog = ShadowDialog.getLatestDialog()
            val width = SamplePhone.app.resources.displayMetrics.widthPixels * 9 / 10
            Screenshot.take(dialog.window!!.decorView, "answer-$name", width, width * 5 / 4)
            SamplePhone.app.settings.serverKey = "wrong"
            it.get().model.move(Where.PHONE)
            it.get().model.move(Where.SERVER)
            settle()
            it.get().relayout()
            Screenshot.take(it.get(), "check-refused-$name")
        }
    }

    @Test
    fun `in light`() = shoot("light")

    @Test
    @Config(sdk = [26])
    fun `on Android 8`() = shoot("android8")

    @Test
    @Config(qualifiers = "+night")
    fun `in dark`() = shoot("dark")

    @Test
    @Config(qualifiers = "+hi-rIN")
    fun `in Hindi`() = shoot("hindi")

    @Test
    @Config(qualifiers = "+ar-rEG-ldrtl")
    fun `from right to left`() = shoot("rtl")

    @Test
    fun `in large letters`() {
        RuntimeEnvironment.setFontScale(2f)
        shoot("large")
    }

    @Test
    @Config(qualifiers = "w640dp-h360dp-land-xhdpi")
    fun `in landscape`() = shoot("landscape")

    @Test
    @Config(qualifiers = "w1280dp-h800dp-land-mdpi")
    fun `on a tablet`() = shoot("tablet")
}
