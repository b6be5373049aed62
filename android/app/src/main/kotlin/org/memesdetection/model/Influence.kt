package org.memesdetection.model

import kotlin.math.ln

/**
 * What corrections do to one picture.
 *
 * @property shift logits to add; below 0 towards not a meme
 * @property kept how many kept pictures it is like
 * @property marked how many pictures marked as memes it is like
 */
data class Influence(val shift: Double, val kept: Int, val marked: Int) {
    /** The verdict on a picture as these corrections have it; [probability] is the model's. */
    fun judge(probability: Double, fromCamera: Boolean, thresholds: Thresholds): Judgement {
        val own = thresholds.judge(probability, fromCamera)
        if (shift == 0.0) return own
        val certain = probability.coerceIn(CERTAIN, 1 - CERTAIN)
        val moved = sigmoid(ln(certain / (1 - certain)) + shift)
        val verdict = thresholds.judge(moved, fromCamera).verdict
        if (shift > 0 && own.verdict == Verdict.NOT_MEME && verdict != Verdict.NOT_MEME) {
            val reason = Reason.LikeMarked(marked, probability)
            return Judgement(Verdict.UNSURE, probability, reason)
        }
        if (shift < 0 && verdict != own.verdict) {
            val reason = Reason.LikeKept(kept, probability, own.verdict, verdict)
            return Judgement(verdict, probability, reason)
        }
        return own
    }

    companion object {
        val NONE = Influence(0.0, 0, 0)

        /** Keeps the logit of a probability that is rounded to 0 or 1 finite. */
        private const val CERTAIN = 1e-9
    }
}
