package org.memesdetection.ui.check

import org.memesdetection.R
import org.memesdetection.model.MemesError
import org.memesdetection.model.Verdict

/** Which of the pictures are shown. */
enum class Only(val label: Int, val fits: (Checked) -> Boolean) {
    ALL(R.string.check_all, { true }),
    MEMES(R.string.check_memes, { it.verdict == Verdict.MEME }),
    UNSURE(R.string.check_unsure, { it.verdict == Verdict.UNSURE }),
    NOT_MEMES(R.string.check_not_memes, { it.verdict == Verdict.NOT_MEME }),
    FAILED(R.string.check_failed, { it.outcome is Outcome.Failed }),
}

/**
 * What the screen of a check shows.
 *
 * @property host of the server, where that is asked.
 * @property listing pictures are still being looked up.
 * @property running pictures are being judged.
 * @property stopped what waits is not being judged, and goes on only when the user says so.
 * @property error why nothing more can be judged for now.
 */
data class CheckState(
    val where: Where,
    val host: String = "",
    val pictures: List<Checked> = emptyList(),
    val only: Only = Only.ALL,
    val listing: Boolean = false,
    val running: Boolean = false,
    val stopped: Boolean = false,
    val error: MemesError? = null,
) {
    val done: Int get() = pictures.count { it.outcome != null }

    val shown: List<Checked> get() = pictures.filter(only.fits)
}
