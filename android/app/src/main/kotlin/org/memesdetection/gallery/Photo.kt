package org.memesdetection.gallery

import android.net.Uri

/**
 * A picture of the phone that may be judged.
 *
 * @property folder path below the storage's root, with a slash at its end.
 * @property bytes size of the file.
 * @property modified seconds since 1970.
 * @property taken milliseconds since 1970; where the picture does not tell, when it was modified.
 * @property mime such as `image/jpeg`.
 * @property generation counts the changes of the phone's pictures; 0 below API 30.
 */
data class Photo(
    val uri: Uri,
    val name: String,
    val folder: String,
    val bytes: Long,
    val modified: Long,
    val taken: Long,
    val mime: String,
    val generation: Long = 0,
)
