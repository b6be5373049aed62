package org.memesdetection.ui

import android.content.Context
import android.content.res.ColorStateList
import android.util.AttributeSet
import android.widget.TextView
import org.memesdetection.R
import org.memesdetection.model.Verdict

/** A verdict in a word and a colour; other words where it is the user's. */
class VerdictBadge(context: Context, attributes: AttributeSet?) : TextView(context, attributes) {
    init {
        setBackgroundResource(R.drawable.badge)
    }

    /** [mark] is the user's verdict, or null. */
    fun show(verdict: Verdict, mark: Verdict? = null) {
        val (word, ink, ground) = when (verdict) {
            Verdict.MEME -> Triple(R.string.verdict_meme, R.color.meme, R.color.meme_container)

            Verdict.UNSURE ->
                Triple(R.string.verdict_unsure, R.color.unsure, R.color.unsure_container)

            Verdict.NOT_MEME ->
                Triple(R.string.verdict_not_meme, R.color.not_meme, R.color.not_meme_container)
        }
        val own = when (mark) {
            Verdict.MEME -> R.string.verdict_marked
            Verdict.NOT_MEME -> R.string.verdict_kept
            else -> word
        }
        draw(own, ink, ground)
    }

    /** The picture could not be judged. */
    fun showFailed() = draw(R.string.verdict_failed, R.color.failed, R.color.failed_container)

    private fun draw(word: Int, ink: Int, ground: Int) {
        setText(word)
        setTextColor(context.getColor(ink))
        backgroundTintList = ColorStateList.valueOf(context.getColor(ground))
    }
}
