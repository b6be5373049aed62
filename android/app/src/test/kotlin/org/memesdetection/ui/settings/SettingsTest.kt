package org.memesdetection.ui.settings

import android.Manifest
import android.app.Activity
import android.app.AlertDialog
import android.app.job.JobScheduler
import android.content.DialogInterface
import android.content.Intent
import android.os.Build
import android.widget.EditText
import android.widget.ListView
import android.widget.RadioButton
import android.widget.RadioGroup
import android.widget.Switch
import java.util.Locale
import org.junit.After
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
import org.memesdetection.background.Background
import org.memesdetection.open
import org.memesdetection.press
import org.memesdetection.relayout
import org.memesdetection.server.FlaskServer
import org.memesdetection.settings.Settings
import org.memesdetection.settle
import org.memesdetection.shows
import org.memesdetection.text
import org.memesdetection.ui.Format
import org.memesdetection.ui.home.HomeActivity
import org.memesdetection.ui.review.CleanupsActivity
import org.memesdetection.ui.review.ReviewActivity
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.shadows.ShadowDialog
import org.robolectric.shadows.ShadowToast

@RunWith(RobolectricTestRunner::class)
class SettingsTest {
    private val settings get() = SamplePhone.app.settings
    private val locale = Locale.getDefault()
    private lateinit var controller: ActivityController<SettingsActivity>
    private val screen get() = controller.get()

    private fun start() {
        controller = open(SettingsActivity.intent(SamplePhone.app), SettingsActivity::class.java)
    }

    private fun write(id: Int, text: String) = screen.findViewById<EditText>(id).setText(text)

    @After
    fun close() {
        if (::controller.isInitialized) controller.close()
        Locale.setDefault(locale)
    }

    @Test
    fun `each step of strictness says what it costs and changes the thresholds`() {
        start()
        val group = screen.findViewById<RadioGroup>(R.id.settings_strictness)
        val steps = SamplePhone.app.card.strictness
        assertEquals(listOf("careful", "normal", "eager"), steps.map { it.name })
        assertEquals(3, group.childCount)
        val normal = group.getChildAt(1) as RadioButton
        assertTrue(normal.isChecked)
        assertTrue("${normal.text}", "Calls 0.2 % of personal pictures memes" in normal.text)
        (group.getChildAt(0) as RadioButton).performClick()
        settle()
        assertEquals("careful", settings.strictness)
        assertEquals(steps[0].thresholds, SamplePhone.app.thresholds)
    }

    @Test
    fun `takes an address only if it can be one, and says why`() {
        start()
        write(R.id.settings_address, "http://memes.example.org")
        screen.press(R.id.settings_test)
        assertEquals("", settings.serverAddress)
        assertEquals(
            "Plain http is only for a server in your own network; write https:// before" +
                " memes.example.org.",
            screen.text(R.id.settings_address_error),
        )
        write(R.id.settings_address, "192.168.1.20:5001/")
        write(R.id.settings_key, "ключ")
        screen.model.takeServer()
        settle()
        assertFalse(screen.shows(R.id.settings_address_error))
        assertEquals("http://192.168.1.20:5001", settings.serverAddress)
        assertTrue(screen.shows(R.id.settings_key_error))
        assertEquals("", settings.serverKey)

        write(R.id.settings_address, "")
        write(R.id.settings_key, " key ")
        controller.pause()
        assertEquals("", settings.serverAddress)
        assertEquals("key", settings.serverKey)
    }

    @Test
    fun `tests the server with its key`() {
        start()
        write(R.id.settings_address, FlaskServer.address())
        screen.press(R.id.settings_test)
        assertEquals(
            "The server asks for a key; enter it in the settings.",
            screen.text(R.id.settings_tested),
        )
        write(R.id.settings_key, FlaskServer.KEY)
        screen.press(R.id.settings_test)
        val said = screen.text(R.id.settings_tested)
        assertTrue(said, Regex("The server answered in \\d+ ms and takes the key\\.").matches(said))
    }

    @Test
    fun `checks by itself only when told to, and asks to notify`() {
        val jobs = SamplePhone.app.getSystemService(JobScheduler::class.java)
        start()
        assertNull(jobs.getPendingJob(Background.CHECK))
        assertFalse(screen.shows(R.id.settings_background_more))
        screen.press(R.id.settings_background)
        val job = jobs.getPendingJob(Background.CHECK)
        assertNotNull(job)
        assertTrue(screen.shows(R.id.settings_no_access))
        if (Build.VERSION.SDK_INT >= 33) {
            val asked = shadowOf(screen).lastRequestedPermission.requestedPermissions
            assertEquals(listOf(Manifest.permission.POST_NOTIFICATIONS), asked.toList())
            assertTrue(screen.shows(R.id.settings_notify))
        }
        screen.model.every(60)
        screen.findViewById<Switch>(R.id.settings_charging).performClick()
        settle()
        val changed = jobs.getPendingJob(Background.CHECK)!!
        assertEquals(60 * 60 * 1000L, changed.intervalMillis)
        assertTrue(changed.isRequireCharging)
        screen.press(R.id.settings_background)
        assertNull(jobs.getPendingJob(Background.CHECK))
    }

    @Test
    fun `scans the folders that the user chooses, one at least`() {
        SamplePhone.withPictures()
        start()
        screen.press(R.id.settings_folders)
        val dialog = ShadowDialog.getLatestDialog() as AlertDialog
        assertEquals(2, dialog.listView.count)
        // At first the messengers' folders are.
        assertEquals(listOf(true, false), List(2) { dialog.listView.isItemChecked(it) })
        click(dialog.listView, 0)
        dialog.getButton(DialogInterface.BUTTON_POSITIVE).performClick()
        settle()
        assertEquals("Choose one folder at least.", ShadowToast.getTextOfLatestToast())
        assertNull(settings.folders)
        click(dialog.listView, 1)
        dialog.getButton(DialogInterface.BUTTON_POSITIVE).performClick()
        settle()
        assertEquals(setOf("DCIM/Camera/"), settings.folders)
        assertEquals(
            "Camera",
            screen.findViewById<android.view.View>(R.id.settings_folders)
                .findViewById<android.widget.TextView>(R.id.card_line).text,
        )
    }

    private fun click(list: ListView, place: Int) =
        list.performItemClick(list.adapter.getView(place, null, list), place, place.toLong())

    @Test
    fun `speaks another language and wears another theme at once`() {
        start()
        settings.language = "hi"
        settings.theme = Settings.DARK
        controller.recreate()
        settle()
        val night = screen.resources.configuration.isNightModeActiveHere()
        assertTrue(night)
        if (Build.VERSION.SDK_INT < 33) {
            assertEquals("सेटिंग", screen.title)
            val home = open(
                Intent(SamplePhone.app, AboutActivity::class.java),
                AboutActivity::class.java,
            )
            home.use { assertEquals("परिचय", it.get().title) }
            assertEquals("मीम", title(HomeActivity::class.java))
            assertEquals("समीक्षा", title(ReviewActivity::class.java))
            assertEquals("सफ़ाइयाँ", title(CleanupsActivity::class.java))
            val day = Format.dayAndTime(screen, JANUARY)
            assertTrue(day, "जन" in day)

            settings.language = ""
            controller.recreate()
            settle()
            assertEquals("Settings", screen.title)
            assertTrue("Jan" in Format.dayAndTime(screen, JANUARY))
        } else {
            val locales = SamplePhone.app.getSystemService(android.app.LocaleManager::class.java)
            assertEquals("hi", locales.applicationLocales.toLanguageTags())
            assertEquals("hi", settings.language)
        }
    }

    private fun title(screen: Class<out Activity>) =
        open(Intent(SamplePhone.app, screen), screen).use { it.get().title }

    private fun android.content.res.Configuration.isNightModeActiveHere() =
        uiMode and android.content.res.Configuration.UI_MODE_NIGHT_MASK ==
            android.content.res.Configuration.UI_MODE_NIGHT_YES

    @Test
    fun `a rotation keeps what stands in the fields`() {
        FakeMediaStore.install()
        start()
        write(R.id.settings_address, "https://")
        controller.recreate()
        settle()
        assertEquals("https://", screen.text(R.id.settings_address))
        assertEquals("", settings.serverAddress)
    }

    @Test
    fun `tells of the model, its data and the licences`() {
        open(Intent(SamplePhone.app, AboutActivity::class.java), AboutActivity::class.java).use {
            val about = it.get()
            assertTrue(SamplePhone.app.card.identity in about.text(R.id.about_name))
            assertTrue(Regex("Finds \\d\\d\\.\\d % \\(") in about.text(R.id.about_figures))
            assertTrue("Apache-2.0" in about.text(R.id.about_data))
        }
    }

    private companion object {
        const val JANUARY = 1_768_000_000_000L
    }
}
