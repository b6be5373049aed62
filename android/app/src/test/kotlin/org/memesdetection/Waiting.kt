package org.memesdetection

import android.os.Looper
import java.util.concurrent.TimeUnit
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/** Waits until no thread of the app has anything left to do and the screens drew the result. */
fun settle() {
    val app = RuntimeEnvironment.getApplication() as App
    val looper = shadowOf(Looper.getMainLooper())
    val end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60)
    do {
        looper.idle()
        check(System.nanoTime() < end) { "The app is still at work after a minute." }
        val busy = app.executors.all.any { it.activeCount > 0 || it.queue.isNotEmpty() }
        if (busy) Thread.sleep(2)
    } while (busy || !looper.isIdle)
}
