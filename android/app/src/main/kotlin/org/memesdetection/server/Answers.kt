package org.memesdetection.server

import org.json.JSONException
import org.json.JSONObject
import org.memesdetection.model.Verdict
import org.memesdetection.server.ServerError.Kind

/** Reads what the server says of pictures. */
internal object Answers {
    private const val TOO_LARGE = 413
    private val busy = setOf(429, 503)

    /**
     * An answer for each picture of [batch].
     *
     * @throws JSONException it is not what the API promises.
     */
    fun of(answer: JSONObject, batch: List<Upload>): List<Answer> {
        val pictures = answer.getJSONArray("pictures")
        if (pictures.length() != batch.size) throw JSONException("other pictures")
        val model = answer.getString("model")
        return batch.mapIndexed { place, upload ->
            one(pictures.getJSONObject(place), upload.name, model)
        }
    }

    /** The sentence of a problem (RFC 9457); null if it is none. */
    fun problem(body: String): String? = try {
        JSONObject(body).getString("detail")
    } catch (_: JSONException) {
        null
    }

    private fun one(said: JSONObject, name: String, model: String): Answer {
        val problem = said.optJSONObject("error")
        if (problem != null) return Answer(name, model = model, error = error(problem))
        val probability = said.getDouble("probability")
        if (probability !in 0.0..1.0) throw JSONException("no probability")
        val verdict = verdict(said.getString("verdict"))
        return Answer(name, verdict, probability, said.getString("reason"), model)
    }

    private fun error(problem: JSONObject): ServerError = when (problem.getInt("status")) {
        TOO_LARGE -> ServerError(Kind.TOO_LARGE)
        in busy -> ServerError(Kind.BUSY)
        else -> ServerError(Kind.REFUSED, problem.getString("detail"))
    }

    private fun verdict(name: String): Verdict =
        Verdict.values().find { it.name.lowercase() == name } ?: throw JSONException("no verdict")
}
