package org.memesdetection.data

import android.net.Uri
import org.memesdetection.model.Reason
import org.memesdetection.model.Verdict

/**
 * One picture of the phone as it was judged.
 *
 * @property folder path below the storage's root, with a slash at its end.
 * @property bytes size of the file.
 * @property modified seconds since 1970.
 * @property taken milliseconds since 1970; where the picture does not tell, when it was modified.
 * @property sha256 of the content, hexadecimal.
 * @property model identity of the model.
 * @property probability of being a meme by the model, 0-1.
 * @property judgedAt milliseconds since 1970.
 * @property verdict the user's if there is one, else what model and corrections say.
 * @property mark the user's verdict on this content, or null.
 */
data class Judged(
    val uri: Uri,
    val name: String,
    val folder: String,
    val bytes: Long,
    val modified: Long,
    val taken: Long,
    val sha256: String,
    val model: String,
    val probability: Double,
    val fromCamera: Boolean,
    val judgedAt: Long,
    val verdict: Verdict,
    val reason: Reason,
    val mark: Verdict?,
)

/** A picture that could not be judged; [error] is one sentence for the user. */
data class Failed(
    val uri: Uri,
    val name: String,
    val folder: String,
    val bytes: Long,
    val error: String,
)
