package org.memesdetection.server

import java.io.InputStream
import org.memesdetection.model.MemesError
import org.memesdetection.model.Verdict

/**
 * One picture to send.
 *
 * @property name what the answer calls it; it is not sent.
 * @property content opens the picture's bytes; closed by who reads them.
 * @property bytes its size as far as known, else 0.
 */
class Upload(val name: String, val content: () -> InputStream, val bytes: Long)

/**
 * What the server says of one picture: a verdict or an error.
 *
 * @property probability of being a meme, 0-1.
 * @property reason one English sentence of the server.
 * @property model the name of the server's model.
 */
class Answer(
    val name: String,
    val verdict: Verdict? = null,
    val probability: Double? = null,
    val reason: String? = null,
    val model: String? = null,
    val error: MemesError? = null,
)

/**
 * The server is there.
 *
 * @property milliseconds from the request to the end of the answer.
 * @property message what it said: `pong`.
 */
class Pong(val milliseconds: Long, val message: String)

/**
 * How long to wait, in milliseconds.
 *
 * @property connect until the connection stands.
 * @property silence until the server says something.
 * @property whole for a request with its answer.
 */
data class Patience(
    val connect: Int = 10_000,
    val silence: Int = 70_000,
    val whole: Long = 180_000,
)
