package org.memesdetection.ui

import android.os.Handler
import android.os.Looper
import java.io.Closeable

/**
 * A value that changes, and those who look at it. Set it from any thread; observers hear of it on
 * the main thread. Of changes that follow fast only the last is told.
 */
class State<T>(initial: T) {
    private val main = Handler(Looper.getMainLooper())
    private val observers = LinkedHashSet<(T) -> Unit>()
    private var posted = false

    @Volatile
    var value: T = initial
        private set

    /** Put a new value in place of the old one. */
    fun set(value: T) = update { value }

    /** Work out the new value from the old one, which no other thread changes meanwhile. */
    fun update(change: (T) -> T) {
        synchronized(this) {
            val next = change(value)
            if (next == value) return
            value = next
            if (posted) return
            posted = true
        }
        main.post(::tell)
    }

    /**
     * Tell [observer] the value at once and each time it changes, until the result is closed. Call
     * it, and close the result, on the main thread.
     */
    fun observe(observer: (T) -> Unit): Closeable {
        observers.add(observer)
        observer(value)
        return Closeable { observers.remove(observer) }
    }

    private fun tell() {
        val current = synchronized(this) {
            posted = false
            value
        }
        // One observer may close another.
        observers.toList().forEach { if (it in observers) it(current) }
    }
}
