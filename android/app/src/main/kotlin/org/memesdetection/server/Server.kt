package org.memesdetection.server

import java.io.Closeable
import java.net.HttpURLConnection
import org.json.JSONException
import org.json.JSONObject
import org.memesdetection.server.ServerError.Kind

/**
 * A client of the project's REST API, which `docs/server.md` describes. All calls block and throw
 * [ServerError]; one at a time, but [close] from any thread stops them.
 *
 * @param address as the user entered it.
 * @param key empty for none.
 * @throws ServerError the address or the key cannot be one.
 */
class Server(
    address: String,
    key: String,
    patience: Patience = Patience(),
    networkIsThere: () -> Boolean = Hosts::networkIsThere,
) : Closeable {
    private val address = ServerAddress.of(address)
    private val key = checkedKey(key)
    private val http = Http(this.address, this.key, patience, networkIsThere)

    @Volatile private var closed = false

    /** Whether the server is there. */
    fun ping(): Pong {
        val started = System.nanoTime()
        val reply = http.ask("/v1/ping")
        val milliseconds = (System.nanoTime() - started) / NANOSECONDS
        val message = json(accepted(reply)).optString("message")
        if (message != PONG) throw wrongAnswer()
        return Pong(milliseconds, message)
    }

    /** Whether the server is there and takes the key: a ping alone needs none. */
    fun test(): Pong {
        val pong = ping()
        if (!json(accepted(http.ask("/v1/models"))).has("models")) throw wrongAnswer()
        return pong
    }

    /**
     * Judge pictures, in requests that a server takes by default.
     *
     * A picture that is too large, cannot be read or is none has its own error; what concerns all
     * is thrown, and what was answered before it was told to [answered].
     *
     * @return an answer for each picture, in their order.
     */
    fun predict(pictures: List<Upload>, answered: (Answer) -> Unit = {}): List<Answer> =
        Batches.of(pictures).flatMap { batch -> predicted(batch).onEach(answered) }

    /** Stop what is being asked; it throws [Kind.STOPPED]. */
    override fun close() {
        closed = true
        http.close()
    }

    private fun predicted(batch: List<Upload>): List<Answer> = try {
        Answers.of(json(accepted(patiently(batch))), batch)
    } catch (error: JSONException) {
        throw wrongAnswer()
    } catch (error: Unreadable) {
        val rest = batch - error.upload
        val unread = Answer(error.upload.name, error = ServerError(Kind.UNREADABLE))
        val read = if (rest.isEmpty()) emptyList() else predicted(rest)
        read.toMutableList().apply { add(batch.indexOf(error.upload), unread) }
    } catch (error: ServerError) {
        when {
            !error.kind.ofOnePicture -> throw error

            batch.size == 1 -> listOf(Answer(batch.single().name, error = error))

            // Which one it was, or whether all together were too much, shows when each goes alone.
            else -> batch.flatMap { predicted(listOf(it)) }
        }
    }

    /** Ask; a server that is busy is asked once more when it says so. */
    private fun patiently(batch: List<Upload>): Reply {
        val reply = http.ask(PREDICT, Form(batch))
        val seconds = reply.retryAfter?.trim()?.toLongOrNull() ?: RETRY_SECONDS
        if (reply.status !in busy || seconds !in 0..MOST_RETRY_SECONDS) return reply
        val until = System.nanoTime() + seconds * 1000 * NANOSECONDS
        while (System.nanoTime() < until && !closed) Thread.sleep(STEP)
        return http.ask(PREDICT, Form(batch))
    }

    /** The body of a reply that is what was asked for. */
    private fun accepted(reply: Reply): String {
        val said = Answers.problem(reply.body)
        throw when (reply.status) {
            HttpURLConnection.HTTP_OK -> return reply.body

            HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
                ServerError(if (key.isEmpty()) Kind.KEY_NEEDED else Kind.WRONG_KEY)

            HttpURLConnection.HTTP_ENTITY_TOO_LARGE -> ServerError(Kind.TOO_LARGE)

            HttpURLConnection.HTTP_CLIENT_TIMEOUT, HttpURLConnection.HTTP_GATEWAY_TIMEOUT ->
                ServerError(Kind.SLOW, address.host)

            HttpURLConnection.HTTP_BAD_GATEWAY -> ServerError(Kind.DOWN, address.host)

            in busy -> ServerError(Kind.BUSY)

            in REDIRECTS -> ServerError(Kind.MOVED, reply.location ?: "?")

            in refused -> said?.let { ServerError(Kind.REFUSED, it) } ?: wrongAnswer()

            else -> said?.let { ServerError(Kind.FAILED, it) } ?: wrongAnswer()
        }
    }

    private fun json(body: String): JSONObject = try {
        JSONObject(body)
    } catch (_: JSONException) {
        throw wrongAnswer()
    }

    private fun wrongAnswer() = ServerError(Kind.WRONG_ANSWER, address.host)

    companion object {
        private const val PREDICT = "/v1/predict"
        private const val PONG = "pong"
        private const val NANOSECONDS = 1_000_000L // in a millisecond
        private const val RETRY_SECONDS = 2L
        private const val MOST_RETRY_SECONDS = 30L
        private const val STEP = 50L
        private val REDIRECTS = 300..399
        private val busy = setOf(429, HttpURLConnection.HTTP_UNAVAILABLE)
        private val refused = setOf(HttpURLConnection.HTTP_BAD_REQUEST, 415, 422)

        /**
         * A key as the user entered it, without space around it.
         *
         * @throws ServerError a header cannot hold it.
         */
        fun checkedKey(text: String): String {
            val key = text.trim()
            if (!key.all { it in ' '..'~' }) throw ServerError(Kind.BAD_KEY)
            return key
        }
    }
}
