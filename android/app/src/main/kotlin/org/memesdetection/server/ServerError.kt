package org.memesdetection.server

import org.memesdetection.R
import org.memesdetection.model.MemesError

/** Why the server gave no verdict. */
class ServerError(val kind: Kind, vararg arguments: Any) : MemesError(kind.sentence, *arguments) {
    /**
     * What can go wrong.
     *
     * @property sentence says it to the user.
     * @property ofOnePicture whether other pictures may fare better.
     * @property inSettings whether the settings of the server are where to mend it.
     */
    enum class Kind(
        val sentence: Int,
        val ofOnePicture: Boolean = false,
        val inSettings: Boolean = false,
    ) {
        NO_ADDRESS(R.string.server_no_address, inSettings = true),
        BAD_ADDRESS(R.string.server_bad_address, inSettings = true),
        CLEARTEXT(R.string.server_cleartext, inSettings = true),
        BAD_KEY(R.string.server_bad_key, inSettings = true),
        KEY_NEEDED(R.string.server_key_needed, inSettings = true),
        WRONG_KEY(R.string.server_wrong_key, inSettings = true),
        MOVED(R.string.server_moved, inSettings = true),
        WRONG_ANSWER(R.string.server_wrong_answer, inSettings = true),
        UNKNOWN_NAME(R.string.server_unknown_name, inSettings = true),
        UNTRUSTED(R.string.server_untrusted, inSettings = true),
        NO_NETWORK(R.string.server_no_network),
        DOWN(R.string.server_down),
        SLOW(R.string.server_slow),
        BROKEN(R.string.server_broken),
        BUSY(R.string.server_busy),
        FAILED(R.string.server_failed),
        STOPPED(R.string.server_stopped),
        TOO_LARGE(R.string.server_too_large, ofOnePicture = true),
        UNREADABLE(R.string.server_unreadable, ofOnePicture = true),
        REFUSED(R.string.server_refused, ofOnePicture = true),
    }
}
