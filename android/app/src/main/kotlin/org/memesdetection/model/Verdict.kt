package org.memesdetection.model

/** What a picture is thought to be. [key] is its name in files and in Python. */
enum class Verdict(val key: String) {
    MEME("meme"),
    UNSURE("unsure"),
    NOT_MEME("not_meme"),
    ;

    companion object {
        /** The verdict of that [key], or null for anything else. */
        fun of(key: String): Verdict? = values().find { it.key == key }
    }
}
