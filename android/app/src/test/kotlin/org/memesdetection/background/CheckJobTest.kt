package org.memesdetection.background

import android.app.Notification
import android.app.NotificationManager
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.text.format.Formatter
import java.io.File
import java.util.Locale
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.App
import org.memesdetection.FakeMediaStore
import org.memesdetection.NativeTflite
import org.memesdetection.data.Known
import org.memesdetection.data.Scans
import org.memesdetection.data.Seen
import org.memesdetection.gallery.Phase
import org.memesdetection.gallery.Source
import org.memesdetection.model.Content
import org.memesdetection.settle
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The jobs as the system starts them, with the app's own parts and the real model. */
@RunWith(RobolectricTestRunner::class)
class CheckJobTest {
    private val app = RuntimeEnvironment.getApplication() as App
    private val store = FakeMediaStore.install()
    private val scheduler = app.getSystemService(JobScheduler::class.java)
    private val notifications = app.getSystemService(NotificationManager::class.java)
    private val service = Robolectric.buildService(CheckJob::class.java).create().get()
    private val samples = File("../samples")
    private val locale = Locale.getDefault()

    @After
    fun end() {
        finish()
        Locale.setDefault(locale)
    }

    private fun finish() {
        do settle() while (app.scanner.isRunning)
        settle()
    }

    /** Start a job and wait for its end. */
    private fun run(id: Int) {
        assertTrue(service.onStartJob(parameters(id)))
        val end = System.nanoTime() + 60_000_000_000
        while (!shadowOf(service).isJobFinished && System.nanoTime() < end) {
            settle()
            Thread.sleep(5)
        }
        assertTrue(shadowOf(service).isJobFinished)
    }

    private fun parameters(id: Int): JobParameters {
        // Only the system makes these.
        val unsafe = Class.forName("sun.misc.Unsafe")
        val instance = unsafe.getDeclaredField("theUnsafe").apply { isAccessible = true }.get(null)
        val parameters = unsafe.getMethod("allocateInstance", Class::class.java)
            .invoke(instance, JobParameters::class.java) as JobParameters
        JobParameters::class.java.getDeclaredField("jobId").apply { isAccessible = true }
            .setInt(parameters, id)
        return parameters
    }

    private fun title(): String? = notifications.activeNotifications.singleOrNull()
        ?.notification?.extras?.getString(Notification.EXTRA_TITLE)

    @Test
    @Config(sdk = [34])
    fun `new memes are told and opened in the grid`() {
        NativeTflite.load()
        shadowOf(app).grantPermissions("android.permission.POST_NOTIFICATIONS")
        val first = File(samples, "IMG-20260105-WA0002.jpg")
        store.add(first)
        store.add(File(samples, "IMG-20260105-WA0001.jpg"))
        run(Background.CHECK)
        assertEquals("1 new meme, ${size(first.length())}", title())
        val open = notifications.activeNotifications.single().notification.contentIntent
        assertEquals(
            "org.memesdetection.ui.review.ReviewActivity",
            shadowOf(open).savedIntent.component!!.className,
        )
        // Nothing is new: nothing is told anew, and no picture is opened.
        Notifications.clear(app)
        store.onOpen = { throw AssertionError("$it was opened") }
        run(Background.CHECK)
        assertNull(title())
    }

    @Test
    @Config(sdk = [26])
    fun `new memes are told in the language that the user chose`() {
        val meme = File(samples, "IMG-20260105-WA0002.jpg")
        val content = meme.readBytes()
        // The content is known, so that the model is not needed here.
        val before = app.gallery.photo(store.add("before.jpg", content))!!
        val known = Known(0.99, false, ByteArray(2 * app.card.channels))
        val seen = Seen(before, Content.sha256(content), known, isNew = true)
        app.verdicts.put(listOf(seen), app.card.identity)
        store.add(meme)
        app.settings.language = "hi"
        run(Background.CHECK)
        assertTrue(title(), title()!!.contains("मीम"))
    }

    @Test
    fun `memes that were not looked at yet are added up`() {
        shadowOf(app).grantPermissions("android.permission.POST_NOTIFICATIONS")
        Notifications.tell(app, 1, 1_000_000)
        assertEquals("1 new meme, ${size(1_000_000)}", title())
        Notifications.tell(app, 11, 3_100_000)
        assertEquals("12 new memes, ${size(4_100_000)}", title())
        Notifications.tell(app, 0, 0)
        assertEquals("12 new memes, ${size(4_100_000)}", title())
        Notifications.clear(app)
        assertNull(title())
    }

    private fun size(bytes: Long) = Formatter.formatShortFileSize(app, bytes)

    @Test
    @Config(sdk = [34])
    fun `who does not want notifications gets none`() {
        shadowOf(app).denyPermissions("android.permission.POST_NOTIFICATIONS")
        Notifications.tell(app, 1, 1_000_000)
        assertNull(title())
    }

    @Test
    fun `the check is off until the user wants it, and follows the settings`() {
        Background.schedule(app, app.settings)
        assertNull(scheduler.getPendingJob(Background.CHECK))
        app.settings.backgroundCheck = true
        app.settings.everyMinutes = 60
        Background.schedule(app, app.settings)
        val job = scheduler.getPendingJob(Background.CHECK)!!
        assertEquals(3_600_000, job.intervalMillis)
        assertTrue(job.isRequireBatteryNotLow && job.isRequireStorageNotLow && job.isPersisted)
        assertFalse(job.isRequireCharging)
        assertEquals(JobInfo.NETWORK_TYPE_NONE, @Suppress("DEPRECATION") job.networkType)
        app.settings.onlyCharging = true
        Background.schedule(app, app.settings)
        assertTrue(scheduler.getPendingJob(Background.CHECK)!!.isRequireCharging)
        app.settings.backgroundCheck = false
        Background.schedule(app, app.settings)
        assertNull(scheduler.getPendingJob(Background.CHECK))
    }

    @Test
    fun `without permission a check ends in silence`() {
        store.revoke()
        run(Background.CHECK)
        assertNull(title())
    }

    @Test
    @Config(sdk = [34])
    fun `a scan whose process ended goes on`() {
        NativeTflite.load()
        store.add(File(samples, "IMG-20260105-WA0002.jpg"))
        Background.continueScan(app, true)
        assertNotNull(scheduler.getPendingJob(Background.CONTINUE))
        Scans(app.database).put("user", Scans.Open(Source.Library(null).kept(), 1, false))
        run(Background.CONTINUE)
        assertEquals(Phase.DONE, app.scanner.state.value.phase)
        assertEquals(1, app.verdicts.all(app.thresholds, app.card.identity).size)
        assertNull(scheduler.getPendingJob(Background.CONTINUE))
        // There is nothing left to go on with.
        run(Background.CONTINUE)
    }

    @Test
    fun `a stopped check goes on the next time, an interrupted scan soon`() {
        assertFalse(service.onStopJob(parameters(Background.CHECK)))
        assertTrue(service.onStopJob(parameters(Background.CONTINUE)))
        assertFalse(service.onStopJob(parameters(Background.EMPTY)))
    }

    @Test
    fun `the trash job ends itself once the trash is empty`() {
        Background.emptyTrash(app, true)
        assertNotNull(scheduler.getPendingJob(Background.EMPTY))
        run(Background.EMPTY)
        assertNull(scheduler.getPendingJob(Background.EMPTY))
    }

    @Test
    fun `nothing of the app is in backups`() {
        val flags = app.applicationInfo.flags
        assertEquals(0, flags and android.content.pm.ApplicationInfo.FLAG_ALLOW_BACKUP)
    }
}
