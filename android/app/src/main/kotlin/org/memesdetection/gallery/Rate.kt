package org.memesdetection.gallery

import kotlin.math.ceil

/**
 * How fast pictures are judged of late.
 *
 * @param clock nanoseconds since whenever.
 */
internal class Rate(private val clock: () -> Long) {
    private val ends = ArrayDeque(listOf(clock()))

    /** One more picture is done. */
    fun tick() {
        ends += clock()
        if (ends.size > WINDOW) ends.removeFirst()
    }

    /** Pictures each second; 0 where that cannot be told yet. */
    val perSecond: Double
        get() {
            val nanoseconds = ends.last() - ends.first()
            return if (nanoseconds <= 0) 0.0 else (ends.size - 1) * 1e9 / nanoseconds
        }

    /** Seconds for as many more pictures; null where that cannot be told yet. */
    fun secondsFor(pictures: Int): Long? =
        if (ends.size <= LEAST || perSecond == 0.0) null else ceil(pictures / perSecond).toLong()

    private companion object {
        const val WINDOW = 64

        /** The first pictures wait for the model to load. */
        const val LEAST = 4
    }
}
