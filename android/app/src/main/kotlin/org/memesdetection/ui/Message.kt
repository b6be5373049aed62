package org.memesdetection.ui

import android.content.res.Resources
import org.memesdetection.model.MemesError

/**
 * A sentence for the user, shown once at the bottom of the screen.
 *
 * The text is worked out when it is drawn, so that it is in the language of the screen.
 *
 * @property action string resource of what can be done about it, or 0 for nothing
 */
class Message(
    val action: Int = 0,
    val onAction: () -> Unit = {},
    val text: (Resources) -> String,
) {
    companion object {
        /** What went wrong, in one sentence. */
        fun of(error: MemesError) = Message { error.text(it) }
    }
}
