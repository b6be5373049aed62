package org.memesdetection.cleaning

import android.net.Uri
import java.io.File

/**
 * A file that is to be moved.
 *
 * @property uri where it is.
 * @property path likewise, where the system tells; it is put back there.
 * @property parent likewise, the document of its folder.
 * @property modified seconds since 1970.
 * @property taken milliseconds since 1970.
 * @property kept where it goes in the app's own trash; null for the system's trash.
 */
internal data class Move(
    val uri: Uri,
    val path: File?,
    val parent: Uri?,
    val name: String,
    val folder: String,
    val mime: String,
    val bytes: Long,
    val modified: Long,
    val taken: Long,
    val sha256: String,
    val kept: File?,
)

/**
 * A file in the journal.
 *
 * @property time when its clean-up began, in milliseconds since 1970.
 * @property back where an undo puts it: a path, or an address that begins with `content:`; null
 *   before one.
 */
internal data class Entry(
    val id: Long,
    val cleanup: Long,
    val time: Long,
    val move: Move,
    val state: FileState,
    val back: String? = null,
)
