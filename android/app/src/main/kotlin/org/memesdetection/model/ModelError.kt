package org.memesdetection.model

import org.memesdetection.R

/** No picture can be judged on this phone. */
class ModelError(val kind: Kind, cause: Throwable? = null) : MemesError(kind.sentence) {
    enum class Kind(val sentence: Int) {
        /** Model or card is not in the app. */
        MISSING(R.string.model_missing),

        /** Model or card is not what this app can run. */
        BROKEN(R.string.model_broken),

        /** The native library does not load, for example on a phone with pages of 16 KB. */
        NO_LIBRARY(R.string.model_no_library),

        /** There is no memory left for the model. */
        NO_MEMORY(R.string.model_no_memory),
    }

    init {
        initCause(cause)
    }
}
