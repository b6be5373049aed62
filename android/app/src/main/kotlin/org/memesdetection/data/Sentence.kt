package org.memesdetection.data

import android.content.res.Resources
import org.json.JSONArray
import org.json.JSONException
import org.memesdetection.R
import org.memesdetection.model.MemesError

/** An error as the database keeps it: by name, so that its sentence follows the user's language. */
internal object Sentence {
    fun of(error: MemesError, resources: Resources): String {
        val parts = JSONArray()
        parts.put(resources.getResourceEntryName(error.sentence))
        for (one in error.arguments) parts.put(if (one is Number) one else one.toString())
        return parts.toString()
    }

    fun read(kept: String, resources: Resources): String = try {
        val parts = JSONArray(kept)
        val id = resources.getIdentifier(parts.getString(0), "string", PACKAGE)
        val arguments = Array(parts.length() - 1) { parts.get(it + 1) }
        resources.getString(id, *arguments)
    } catch (_: JSONException) {
        resources.getString(R.string.picture_failed)
    } catch (_: Resources.NotFoundException) {
        // An earlier version of the app had a sentence that this one does not have.
        resources.getString(R.string.picture_failed)
    } catch (_: java.util.IllegalFormatException) {
        resources.getString(R.string.picture_failed)
    }

    // R's package; the application's id may get an ending.
    private const val PACKAGE = "org.memesdetection"
}
