package org.memesdetection.gallery

import org.memesdetection.data.Failure
import org.memesdetection.data.Finding
import org.memesdetection.data.Judge
import org.memesdetection.data.Judged
import org.memesdetection.data.Seen
import org.memesdetection.model.Verdict

/** Counts the verdicts of a scan as they come. */
internal class Tally(private val judge: Judge) {
    /** The counts of pictures that were judged before. */
    fun of(before: List<Judged>): ScanState {
        val memes = before.filter { it.verdict == Verdict.MEME }
        return ScanState(
            memes = memes.size,
            memeBytes = memes.sumOf(Judged::bytes),
            unsure = before.count { it.verdict == Verdict.UNSURE },
        )
    }

    /** The counts with one more picture. */
    fun add(state: ScanState, finding: Finding): ScanState = when (finding) {
        is Failure -> state.copy(failures = state.failures + 1)

        is Seen -> when (judge.judge(finding.sha256, finding.known).verdict) {
            Verdict.UNSURE -> state.copy(unsure = state.unsure + 1)

            Verdict.NOT_MEME -> state

            Verdict.MEME -> state.copy(
                memes = state.memes + 1,
                memeBytes = state.memeBytes + finding.photo.bytes,
            )
        }
    }
}
