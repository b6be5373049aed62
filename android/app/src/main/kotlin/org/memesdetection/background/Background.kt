package org.memesdetection.background

import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Context
import java.util.concurrent.TimeUnit
import org.memesdetection.settings.Settings

/** What the app does on its own, each by a job of the system's: see [CheckJob]. */
object Background {
    /** Looks for new memes. */
    const val CHECK = 1

    /** Goes on with a scan that ended with its process. */
    const val CONTINUE = 2

    /** Empties the app's own trash. */
    const val EMPTY = 3

    /** Check for new memes as the settings have it, or not at all. */
    fun schedule(context: Context, settings: Settings) {
        val scheduler = scheduler(context)
        if (!settings.backgroundCheck) {
            scheduler.cancel(CHECK)
            return
        }
        val every = TimeUnit.MINUTES.toMillis(
            settings.everyMinutes.coerceAtLeast(Settings.LEAST_MINUTES).toLong(),
        )
        val before = scheduler.getPendingJob(CHECK)
        // Scheduling anew would begin the time anew.
        if (before?.intervalMillis == every && before.isRequireCharging == settings.onlyCharging) {
            return
        }
        scheduler.schedule(
            job(context, CHECK)
                .setPeriodic(every)
                .setPersisted(true)
                .setRequiresBatteryNotLow(true)
                .setRequiresStorageNotLow(true)
                .setRequiresCharging(settings.onlyCharging)
                .build(),
        )
    }

    /** No checks any more. */
    fun cancel(context: Context) = scheduler(context).cancel(CHECK)

    /** Let the system start a process again that ended while a scan was on, or not any more. */
    fun continueScan(context: Context, isOn: Boolean) {
        val scheduler = scheduler(context)
        if (!isOn) {
            scheduler.cancel(CONTINUE)
        } else if (scheduler.getPendingJob(CONTINUE) == null) {
            scheduler.schedule(
                job(context, CONTINUE)
                    .setMinimumLatency(TimeUnit.MINUTES.toMillis(1))
                    .setPersisted(true)
                    .setRequiresBatteryNotLow(true)
                    .setRequiresStorageNotLow(true)
                    .build(),
            )
        }
    }

    /** Empty the app's own trash once a day, as long as there is something in it. */
    fun emptyTrash(context: Context, isNeeded: Boolean) {
        val scheduler = scheduler(context)
        if (!isNeeded) {
            scheduler.cancel(EMPTY)
        } else if (scheduler.getPendingJob(EMPTY) == null) {
            scheduler.schedule(
                job(context, EMPTY)
                    .setPeriodic(TimeUnit.DAYS.toMillis(1))
                    .setPersisted(true)
                    .build(),
            )
        }
    }

    private fun job(context: Context, id: Int) =
        JobInfo.Builder(id, ComponentName(context, CheckJob::class.java))

    private fun scheduler(context: Context) = context.getSystemService(JobScheduler::class.java)
}
