package org.memesdetection.gallery

import android.net.Uri
import org.json.JSONArray
import org.json.JSONObject

/** What a scan looks through. */
sealed class Source {
    /** The phone's pictures within folders; null for the usual ones: [MediaGallery.usual]. */
    data class Library(val folders: Set<String>?) : Source()

    /** A folder that the user chose in the system's dialog. */
    data class Tree(val uri: Uri) : Source()

    /** As [Library], but only what is new since the last scan of the library. */
    data class New(val folders: Set<String>?) : Source()

    /** As text, for a scan that goes on in a later process. */
    internal fun kept(): String {
        val json = JSONObject()
        when (this) {
            is Library -> json.put("library", list(folders))
            is New -> json.put("new", list(folders))
            is Tree -> json.put("tree", uri.toString())
        }
        return json.toString()
    }

    internal companion object {
        fun read(kept: String): Source {
            val json = JSONObject(kept)
            return when {
                json.has("library") -> Library(set(json, "library"))
                json.has("new") -> New(set(json, "new"))
                else -> Tree(Uri.parse(json.getString("tree")))
            }
        }

        private fun list(folders: Set<String>?): Any =
            if (folders == null) JSONObject.NULL else JSONArray(folders)

        private fun set(json: JSONObject, key: String): Set<String>? {
            if (json.isNull(key)) return null
            val list = json.getJSONArray(key)
            return (0 until list.length()).mapTo(HashSet()) { list.getString(it) }
        }
    }
}
