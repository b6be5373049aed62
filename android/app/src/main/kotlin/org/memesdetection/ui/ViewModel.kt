package org.memesdetection.ui

import android.os.Bundle
import java.io.Closeable
import java.util.concurrent.Executor
import org.memesdetection.App
import org.memesdetection.model.MemesError

/**
 * What a screen shows and does, without its views. It outlives a rotation of the screen; what must
 * outlive the process, too, goes through [save].
 */
abstract class ViewModel(protected val app: App) : Closeable {
    /** What is to be said to the user now, if anything. */
    val message = State<Message?>(null)

    /** The screen is gone for good: nobody is there to be asked. */
    @Volatile
    protected var isClosed = false
        private set

    /** Put what must outlive the process into [state]: short things, such as filters. */
    open fun save(state: Bundle) {}

    /** The screen is gone for good. */
    override fun close() {
        isClosed = true
    }

    /**
     * Do [task] off the main thread. An error of the app is said to the user in its sentence, after
     * [failed] had a chance to put the screen's state right.
     *
     * @param droppable it is only for the screen, and not done once that is gone
     */
    protected fun work(
        executor: Executor = app.executors.disk,
        failed: (MemesError) -> Unit = {},
        droppable: Boolean = false,
        task: () -> Unit,
    ) = executor.execute {
        if (!(droppable && isClosed)) {
            try {
                task()
            } catch (error: MemesError) {
                failed(error)
                message.set(Message.of(error))
            }
        }
    }
}
