package org.memesdetection.model

import android.content.res.Resources
import org.memesdetection.R

/** Why a verdict is what it is. */
sealed class Reason {
    /** One sentence in the user's language. */
    abstract fun text(resources: Resources): String

    data class LooksLikeNone(val probability: Double, val unsure: Double) : Reason() {
        override fun text(resources: Resources): String =
            resources.getString(R.string.reason_not_meme, percent(probability), percent(unsure))
    }

    data class MayBe(val probability: Double, val meme: Double) : Reason() {
        override fun text(resources: Resources): String =
            resources.getString(R.string.reason_unsure, percent(probability), percent(meme))
    }

    data class ByCamera(val probability: Double) : Reason() {
        override fun text(resources: Resources): String =
            resources.getString(R.string.reason_camera, percent(probability))
    }

    data class LooksLikeOne(val probability: Double, val meme: Double) : Reason() {
        override fun text(resources: Resources): String =
            resources.getString(R.string.reason_meme, percent(probability), percent(meme))
    }

    /** Like [count] pictures that the user marked as memes. */
    data class LikeMarked(val count: Int, val probability: Double) : Reason() {
        override fun text(resources: Resources): String = resources.getQuantityString(
            R.plurals.reason_like_marked,
            count,
            count,
            percent(probability),
        )
    }

    /** Like [count] pictures that the user kept; by the model alone it would be [own]. */
    data class LikeKept(
        val count: Int,
        val probability: Double,
        val own: Verdict,
        val verdict: Verdict,
    ) : Reason() {
        override fun text(resources: Resources): String {
            val sentence = when {
                own != Verdict.MEME -> R.plurals.reason_like_kept_may
                verdict == Verdict.UNSURE -> R.plurals.reason_like_kept_unsure
                else -> R.plurals.reason_like_kept
            }
            return resources.getQuantityString(sentence, count, count, percent(probability))
        }
    }

    /** The user kept this very content. */
    object Kept : Reason() {
        override fun text(resources: Resources): String = resources.getString(R.string.reason_kept)
    }

    /** The user marked this very content as a meme. */
    object Marked : Reason() {
        override fun text(resources: Resources): String =
            resources.getString(R.string.reason_marked)
    }
}
