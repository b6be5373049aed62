package org.memesdetection.cleaning

import org.memesdetection.R
import org.memesdetection.model.MemesError

/** A picture was not moved or not put back. It is where it was. */
class CleaningError(val kind: Kind, cause: Throwable? = null) : MemesError(kind.sentence) {
    enum class Kind(val sentence: Int) {
        /** The file is not what was judged any more. */
        CHANGED(R.string.cleaning_changed),

        /** It is gone from where it was. */
        GONE(R.string.cleaning_gone),

        /** It is not in the trash any more. */
        NOT_IN_TRASH(R.string.cleaning_not_in_trash),

        /** No room for the copy. */
        FULL(R.string.cleaning_full),

        /** The app may not remove or write files there. */
        NOT_ALLOWED(R.string.cleaning_not_allowed),

        /** The memory card or the folder is not there. */
        NO_STORAGE(R.string.cleaning_no_storage),

        /** The copy is not the same as the original. */
        BAD_COPY(R.string.cleaning_bad_copy),
    }

    init {
        initCause(cause)
    }
}
