package org.memesdetection.model

import kotlin.math.max
import kotlin.math.sqrt

/**
 * What the user's corrections say of a picture that looks like the corrected ones.
 *
 * Only a correction teaches: a kept picture that the model called a meme or unsure, or a picture
 * marked as a meme that it did not. The likeness of two pictures is the Bhattacharyya coefficient of
 * their embeddings, each taken as a distribution: 0 (nothing in common) to 1 (the same). The nearest
 * corrections each move the logit by [WEIGHT] times their likeness above [LEAST]: down if kept, up
 * if marked. Nothing ever rises above unsure. As `likeness.py` has it.
 *
 * @param lessons of one model, embeddings all of the same length
 * @param marks the user's verdicts by SHA-256; lessons on other contents do not count
 */
class Likeness(lessons: List<Lesson>, marks: Map<String, Verdict>, thresholds: Thresholds) {
    private val kept: List<FloatArray>
    private val marked: List<FloatArray>

    init {
        val taught = lessons.filter { lesson ->
            when (marks[lesson.sha256]) {
                Verdict.MEME -> lesson.probability < thresholds.unsure
                Verdict.NOT_MEME -> lesson.probability >= thresholds.unsure
                else -> false
            }
        }.groupBy({ marks.getValue(it.sha256) }, { roots(it.embedding) })
        kept = taught[Verdict.NOT_MEME].orEmpty()
        marked = taught[Verdict.MEME].orEmpty()
    }

    /** Whether there is nothing that could change a verdict. */
    val isEmpty: Boolean get() = kept.isEmpty() && marked.isEmpty()

    /** What the corrections do to a picture; [embedding] is float16 `[channels]`, little-endian. */
    fun influence(embedding: ByteArray): Influence {
        if (isEmpty) return Influence.NONE
        val picture = roots(embedding)
        val down = above(picture, kept)
        val up = above(picture, marked)
        return Influence(pull(up) - pull(down), kept = down.size, marked = up.size)
    }

    companion object {
        /** Corrections of each sort that move a picture at most. */
        const val NEAREST = 5

        /** Likeness from which on a correction counts. */
        const val LEAST = 0.5f

        /** Logits that a correction moves a picture by for each 1.0 of likeness above that. */
        const val WEIGHT = 12.0

        /** By how much the picture's likeness to each correction is above the least, where it is. */
        private fun above(picture: FloatArray, corrections: List<FloatArray>): List<Float> {
            val found = ArrayList<Float>()
            for (correction in corrections) {
                var likeness = 0f
                for (i in picture.indices) likeness += picture[i] * correction[i]
                if (likeness >= LEAST) found.add(likeness - LEAST)
            }
            return found
        }

        private fun pull(above: List<Float>): Double =
            WEIGHT * above.sortedDescending().take(NEAREST).sumOf { it.toDouble() }

        /** `[channels]` whose products are Bhattacharyya coefficients. */
        private fun roots(embedding: ByteArray): FloatArray {
            val values = Float16.floats(embedding)
            var sum = 0f
            for (i in values.indices) {
                values[i] = max(values[i], 0f)
                sum += values[i]
            }
            sum = max(sum, java.lang.Float.MIN_NORMAL)
            for (i in values.indices) values[i] = sqrt(values[i] / sum)
            return values
        }
    }
}
