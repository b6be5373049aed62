package org.memesdetection

import android.os.Looper
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.Future
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/** Waits until no thread of the app has anything left to do and the screens drew the result. */
fun settle() {
    val executors = (RuntimeEnvironment.getApplication() as App).executors.all
    val looper = shadowOf(Looper.getMainLooper())
    val end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60)
    do {
        looper.idle()
        val due = executors.map { it.completedTaskCount + it.maximumPoolSize }
        val meetings = executors.flatMap(::meet)
        var quiet = true
        while (!meetings.all { it.isDone } || executors.zip(due).any(::isBefore)) {
            check(System.nanoTime() < end) { "The app is still at work after a minute." }
            quiet = quiet && looper.isIdle
            looper.idle()
            Thread.sleep(1)
        }
        // Nothing but the meetings was done, and nothing came of it for the main thread.
        quiet = quiet && looper.isIdle &&
            executors.zip(due).all { (executor, count) -> executor.completedTaskCount == count }
    } while (!quiet)
}

private fun isBefore(due: Pair<ThreadPoolExecutor, Long>) =
    due.first.completedTaskCount < due.second

/** Lets all threads of an executor meet: what they were given before is done when they do. */
private fun meet(executor: ThreadPoolExecutor): List<Future<*>> {
    val barrier = CyclicBarrier(executor.maximumPoolSize)
    return List(executor.maximumPoolSize) { executor.submit { barrier.await() } }
}
