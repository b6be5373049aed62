package org.memesdetection.gallery

import org.memesdetection.model.MemesError

enum class Phase { IDLE, LISTING, RUNNING, PAUSED, DONE, FAILED }

/**
 * How a scan stands; immutable.
 *
 * @property done pictures looked at, of [total]; with those that were judged before.
 * @property memeBytes size of the memes together.
 * @property failures pictures that could not be judged.
 * @property picturesPerSecond of late; 0 before the first.
 * @property secondsLeft null while that cannot be told.
 * @property error why it stopped, in [Phase.FAILED]; all that was judged stays.
 */
data class ScanState(
    val phase: Phase = Phase.IDLE,
    val done: Int = 0,
    val total: Int = 0,
    val memes: Int = 0,
    val memeBytes: Long = 0,
    val unsure: Int = 0,
    val failures: Int = 0,
    val picturesPerSecond: Double = 0.0,
    val secondsLeft: Long? = null,
    val error: MemesError? = null,
) {
    val isBusy: Boolean get() = phase == Phase.LISTING || phase == Phase.RUNNING
}
