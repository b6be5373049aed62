package org.memesdetection.data

import android.database.sqlite.SQLiteDatabase
import org.memesdetection.model.Judgement
import org.memesdetection.model.Lesson
import org.memesdetection.model.Likeness
import org.memesdetection.model.Reason
import org.memesdetection.model.Thresholds
import org.memesdetection.model.Verdict

/** From what a model made of contents to verdicts: the user's own come first, then likeness. */
internal class Judge(
    private val marks: Map<String, Verdict>,
    lessons: List<Lesson>,
    private val thresholds: Thresholds,
) {
    private val likeness = Likeness(lessons, marks, thresholds)

    /** Whether verdicts depend on embeddings. */
    val comparesPictures: Boolean get() = !likeness.isEmpty

    /** The user's own verdict on a content, or null. */
    fun mark(sha256: String): Verdict? = marks[sha256]

    /** @param known its embedding may be empty where pictures are not compared. */
    fun judge(sha256: String, known: Known): Judgement {
        val probability = known.probability
        return when (marks[sha256]) {
            Verdict.MEME -> Judgement(Verdict.MEME, probability, Reason.Marked)

            Verdict.NOT_MEME -> Judgement(Verdict.NOT_MEME, probability, Reason.Kept)

            else -> likeness.influence(known.embedding)
                .judge(probability, known.fromCamera, thresholds)
        }
    }

    companion object {
        fun read(db: SQLiteDatabase, thresholds: Thresholds, model: String): Judge =
            Judge(Marks.all(db), Marks.lessons(db, model), thresholds)
    }
}
