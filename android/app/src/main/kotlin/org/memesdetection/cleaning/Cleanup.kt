package org.memesdetection.cleaning

import org.memesdetection.data.Judged
import org.memesdetection.model.MemesError

/**
 * A clean-up of which something was moved.
 *
 * @property number counts from 1.
 * @property time when it began, in milliseconds since 1970.
 * @property count of its pictures, put back or not.
 * @property bytes of these together.
 * @property undone whether all of it is back.
 * @property expires when the trash is emptied, in milliseconds since 1970.
 * @property inSystemTrash whether the system's dialog undoes it ([Cleaning.undoRequest]); otherwise
 *   [Cleaning.restore] does.
 */
data class Cleanup(
    val number: Long,
    val time: Long,
    val count: Int,
    val bytes: Long,
    val undone: Boolean,
    val expires: Long,
    val inSystemTrash: Boolean,
)

/** Pictures that are still what was judged, and those that are not. */
class Checked(val sound: List<Judged>, val changed: List<Judged>)

/** What became of pictures; [failed] are where they were, each with the reason. */
class Moved(val cleanup: Long, val moved: List<Judged>, val failed: List<Pair<Judged, MemesError>>)

/** How many pictures are back; [failed] are not, by name, each with the reason. */
class Restored(val restored: Int, val failed: List<Pair<String, MemesError>>)
