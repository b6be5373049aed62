package org.memesdetection.model

import android.content.res.Resources

/** The root of all errors raised on purpose: one [sentence] for the user with its [arguments]. */
abstract class MemesError(val sentence: Int, vararg val arguments: Any) : Exception() {
    /** What is wrong and what to do, in the user's language. */
    fun text(resources: Resources): String = resources.getString(sentence, *arguments)

    override val message: String
        get() = "${javaClass.simpleName} ${arguments.joinToString()}".trim()
}
