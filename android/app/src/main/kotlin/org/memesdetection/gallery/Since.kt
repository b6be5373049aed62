package org.memesdetection.gallery

import org.json.JSONArray

/**
 * A moment in the life of the phone's pictures; what came later is new.
 *
 * @property version of the system's list, empty below API 30; another one means a list made anew.
 * @property generation how many changes the list had seen, from API 30 on.
 * @property added when the latest picture was added, in seconds since 1970.
 */
data class Since(val version: String, val generation: Long, val added: Long) {
    /** As one line of text. */
    fun kept(): String = JSONArray().put(version).put(generation).put(added).toString()

    companion object {
        /** What [kept] gave. */
        fun read(kept: String): Since =
            JSONArray(kept).let { Since(it.getString(0), it.getLong(1), it.getLong(2)) }
    }
}
