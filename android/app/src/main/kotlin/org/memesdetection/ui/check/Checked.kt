package org.memesdetection.ui.check

import android.content.res.Resources
import android.net.Uri
import org.memesdetection.model.Judgement
import org.memesdetection.model.MemesError
import org.memesdetection.model.Verdict
import org.memesdetection.server.Answer

/** What came of a check. */
sealed class Outcome {
    /** A verdict; [probability] of being a meme is 0-1. */
    abstract class Verdicted(val verdict: Verdict, val probability: Double) : Outcome() {
        /** One sentence. */
        abstract fun reason(resources: Resources): String
    }

    class OnPhone(private val judgement: Judgement) :
        Verdicted(judgement.verdict, judgement.probability) {
        override fun reason(resources: Resources) = judgement.reason.text(resources)
    }

    /** The server's reason is English, whatever the app's language. */
    class OnServer(verdict: Verdict, probability: Double, private val said: String) :
        Verdicted(verdict, probability) {
        override fun reason(resources: Resources) = said
    }

    /** It could not be judged. */
    class Failed(val error: MemesError) : Outcome()

    companion object {
        fun of(answer: Answer): Outcome {
            val verdict = answer.verdict
            return when {
                answer.error != null -> Failed(answer.error)

                verdict != null && answer.probability != null ->
                    OnServer(verdict, answer.probability, answer.reason.orEmpty())

                else -> error("An answer has a verdict or an error.")
            }
        }
    }
}

/**
 * One picture that the user chose.
 *
 * @property bytes its size; 0 where it is not known.
 * @property outcome null while it waits.
 */
data class Checked(val uri: Uri, val name: String, val bytes: Long, val outcome: Outcome? = null) {
    val verdict: Verdict? get() = (outcome as? Outcome.Verdicted)?.verdict
}
