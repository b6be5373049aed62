package org.memesdetection.model

/** From a probability to a verdict: the lowest ones of [meme] and [unsure], at most [meme]. */
data class Thresholds(val meme: Double, val unsure: Double) {
    /**
     * The verdict on a picture with its reason.
     *
     * A photo [fromCamera] (EXIF names a camera and an exposure) is never more than unsure, because
     * a personal picture called a meme costs most.
     */
    fun judge(probability: Double, fromCamera: Boolean): Judgement = when {
        probability < unsure ->
            Judgement(Verdict.NOT_MEME, probability, Reason.LooksLikeNone(probability, unsure))

        probability < meme ->
            Judgement(Verdict.UNSURE, probability, Reason.MayBe(probability, meme))

        fromCamera -> Judgement(Verdict.UNSURE, probability, Reason.ByCamera(probability))

        else -> Judgement(Verdict.MEME, probability, Reason.LooksLikeOne(probability, meme))
    }
}
