package org.memesdetection.ui.review

import org.memesdetection.data.Judged
import org.memesdetection.data.Marks
import org.memesdetection.model.Verdict

/**
 * Verdicts of the user, with the way back.
 *
 * @property before the marks that contents had, by SHA-256; null for none
 */
class Correction private constructor(private val before: Map<String, Verdict?>) {
    /** Give each content the mark back that it had. */
    fun undo(marks: Marks) = put(marks, before)

    companion object {
        /**
         * Mark what the pictures hold, and so all copies of it.
         *
         * @param verdict the user's, or null to take it back
         */
        fun make(marks: Marks, pictures: List<Judged>, verdict: Verdict?): Correction {
            val now = marks.all()
            val contents = pictures.mapTo(LinkedHashSet()) { it.sha256 }
            put(marks, contents.associateWith { verdict })
            return Correction(contents.associateWith { now[it] })
        }

        private fun put(marks: Marks, verdicts: Map<String, Verdict?>) {
            val contents = verdicts.keys.groupBy { verdicts[it] }
            contents[null]?.let(marks::forget)
            contents[Verdict.MEME]?.let(marks::meme)
            contents[Verdict.NOT_MEME]?.let(marks::keep)
        }
    }
}
