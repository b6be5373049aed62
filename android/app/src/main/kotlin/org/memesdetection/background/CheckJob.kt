package org.memesdetection.background

import android.app.ActivityManager
import android.app.ActivityManager.RunningAppProcessInfo
import android.app.job.JobParameters
import android.app.job.JobService
import android.util.Log
import org.memesdetection.App
import org.memesdetection.data.Judged
import org.memesdetection.gallery.Ended
import org.memesdetection.gallery.Source
import org.memesdetection.model.MemesError
import org.memesdetection.settings.Appearance

/** The app's jobs. What one has to leave undone when the system stops it, it does the next time. */
class CheckJob : JobService() {
    override fun onStartJob(job: JobParameters): Boolean {
        val app = application as App
        app.executors.disk.execute {
            try {
                when (job.jobId) {
                    Background.CHECK -> check(app, job)
                    Background.CONTINUE -> goOn(app, job)
                    else -> empty(app, job)
                }
            } catch (error: MemesError) {
                // Nobody is there to read it; the app says it when it is opened.
                Log.w("CheckJob", error)
                jobFinished(job, false)
            }
        }
        return true
    }

    override fun onStopJob(job: JobParameters): Boolean {
        val app = application as App
        when (job.jobId) {
            Background.CHECK -> app.scanner.suspendCheck()
            Background.CONTINUE -> if (!isWatched()) app.scanner.suspend()
        }
        return job.jobId == Background.CONTINUE
    }

    /** Whether the user has the app on the screen: then a scan goes on without the job. */
    private fun isWatched(): Boolean {
        val info = RunningAppProcessInfo()
        ActivityManager.getMyMemoryState(info)
        return info.importance <= RunningAppProcessInfo.IMPORTANCE_VISIBLE
    }

    private fun check(app: App, job: JobParameters) {
        app.scanner.start(Source.New(app.settings.folders)) { ended, memes ->
            if (ended == Ended.DONE) {
                val context = Appearance.wrap(this)
                Notifications.tell(context, memes.size, memes.sumOf(Judged::bytes))
            }
            jobFinished(job, false)
        }
    }

    private fun goOn(app: App, job: JobParameters) {
        app.scanner.resumeIfInterrupted()
        // As long as a job is on, the system does not freeze the process.
        app.scanner.whenIdle { jobFinished(job, false) }
    }

    private fun empty(app: App, job: JobParameters) {
        app.cleaning.settle()
        app.cleaning.emptyExpired(System.currentTimeMillis())
        Background.emptyTrash(this, app.cleaning.countInOwnTrash() > 0)
        jobFinished(job, false)
    }
}
