package org.memesdetection.ui

import java.util.concurrent.BlockingQueue
import java.util.concurrent.LinkedBlockingDeque
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/** The threads of the app besides the main one; each ends when it has been idle for a while. */
class Executors {
    /** The database and files, one task after the other. */
    val disk = pool("disk", 1, LinkedBlockingQueue())

    /** The model, one task after the other. */
    val model = pool("model", 1, LinkedBlockingQueue())

    /** The server. */
    val network = pool("network", 2, LinkedBlockingQueue())

    /** Thumbnails; the one asked for last comes first, for it is what the user looks at. */
    val thumbnails = pool("thumbnails", 2, LastFirst())

    /** All of them. */
    val all: List<ThreadPoolExecutor> get() = listOf(disk, model, network, thumbnails)

    private fun pool(name: String, threads: Int, queue: BlockingQueue<Runnable>) =
        ThreadPoolExecutor(threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, queue) { task ->
            Thread(task, name).apply { priority = Thread.NORM_PRIORITY - 1 }
        }.apply { allowCoreThreadTimeOut(true) }

    private class LastFirst : LinkedBlockingDeque<Runnable>() {
        override fun offer(task: Runnable) = offerFirst(task)
    }

    private companion object {
        const val IDLE_SECONDS = 10L
    }
}
