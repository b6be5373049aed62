package org.memesdetection.ui.review

import android.os.Bundle
import org.memesdetection.R
import org.memesdetection.data.Judged
import org.memesdetection.model.Verdict

/** Which verdict is shown. */
enum class Shown(val label: Int, val verdict: Verdict?) {
    MEMES(R.string.review_memes, Verdict.MEME),
    UNSURE(R.string.review_unsure, Verdict.UNSURE),
    NOT_MEMES(R.string.review_not_memes, Verdict.NOT_MEME),
    ALL(R.string.review_all, null),
    FAILED(R.string.review_failed, null),
}

/** How large a picture is at least, in bytes. */
enum class LeastSize(val label: Int, val bytes: Long) {
    ANY(R.string.review_size_any, 0),
    SMALL(R.string.review_size_100k, 100_000),
    MEDIUM(R.string.review_size_500k, 500_000),
    LARGE(R.string.review_size_1m, 1_000_000),
}

/** When a picture was taken or came, in days before now. */
enum class Age(val label: Int, val days: IntRange) {
    ANY(R.string.review_date_any, Int.MIN_VALUE..Int.MAX_VALUE),
    WEEK(R.string.review_date_week, Int.MIN_VALUE..6),
    MONTH(R.string.review_date_month, Int.MIN_VALUE..29),
    OLDER(R.string.review_date_older, 30..Int.MAX_VALUE),
    OLD(R.string.review_date_old, 365..Int.MAX_VALUE),
}

/** In which order pictures are shown. */
enum class Order(val label: Int, val by: Comparator<Judged>) {
    LIKELY(R.string.review_order_likely, compareByDescending<Judged> { it.probability }),
    LARGE(R.string.review_order_large, compareByDescending<Judged> { it.bytes }),
    NEW(R.string.review_order_new, compareByDescending<Judged> { it.taken }),
    OLD(R.string.review_order_old, compareBy<Judged> { it.taken }),
}

/**
 * What of the pictures is shown, and how.
 *
 * @property folder only this one; null for any.
 */
data class Filter(
    val shown: Shown = Shown.MEMES,
    val size: LeastSize = LeastSize.ANY,
    val age: Age = Age.ANY,
    val folder: String? = null,
    val order: Order = Order.LIKELY,
) {
    /** Whether the picture passes, whatever its verdict. [now] is in ms since 1970. */
    fun passes(picture: Judged, now: Long): Boolean = picture.bytes >= size.bytes &&
        (folder == null || picture.folder == folder) &&
        (age == Age.ANY || Math.floorDiv(now - picture.taken, DAY_MS).toInt() in age.days)

    /** Whether anything but the verdict is asked for. */
    val narrows: Boolean get() = size != LeastSize.ANY || age != Age.ANY || folder != null

    fun save(state: Bundle) {
        state.putIntArray(
            CHOICES,
            intArrayOf(shown.ordinal, size.ordinal, age.ordinal, order.ordinal),
        )
        state.putString(FOLDER, folder)
    }

    companion object {
        private const val DAY_MS = 86_400_000L
        private const val CHOICES = "filter"
        private const val FOLDER = "folder"

        /** What [save] put into [state], or the usual. */
        fun read(state: Bundle?): Filter {
            val (shown, size, age, order) = state?.getIntArray(CHOICES)?.toList() ?: return Filter()
            return Filter(
                Shown.values()[shown],
                LeastSize.values()[size],
                Age.values()[age],
                state.getString(FOLDER),
                Order.values()[order],
            )
        }
    }
}
