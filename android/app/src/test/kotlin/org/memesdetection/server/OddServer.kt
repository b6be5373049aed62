package org.memesdetection.server

import java.io.BufferedInputStream
import java.io.ByteArrayOutputStream
import java.io.Closeable
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread

/** A server on a free port of this computer that takes requests and answers as a test says. */
class OddServer(
    private val socket: ServerSocket = ServerSocket(0, 50, InetAddress.getLoopbackAddress()),
    private val answer: OddServer.(OutputStream) -> Unit,
) : Closeable {
    /** What was asked; a picture's bytes are Latin-1. */
    class Asked(val head: String, val body: String) {
        /** How many pictures came. */
        val pictures: Int get() = Regex("filename=").findAll(body).count()
    }

    val asked = CopyOnWriteArrayList<Asked>()
    val address = "http://127.0.0.1:${socket.localPort}"
    private val connections = CopyOnWriteArrayList<Socket>()

    init {
        thread(isDaemon = true) {
            quietly {
                while (true) {
                    val connection = socket.accept()
                    connections += connection
                    thread(isDaemon = true) { quietly { connection.use(::serve) } }
                }
            }
        }
    }

    override fun close() {
        socket.close()
        connections.forEach { quietly(it::close) }
    }

    private fun serve(connection: Socket) {
        val input = BufferedInputStream(connection.getInputStream())
        asked += read(input)
        answer(connection.getOutputStream())
        // Closing while the other side still sends would take the answer from it.
        connection.shutdownOutput()
        while (input.read() >= 0) Unit
    }

    private fun read(input: InputStream): Asked {
        val head = generateSequence { line(input) }.takeWhile(String::isNotEmpty).joinToString("\n")
        val body = ByteArrayOutputStream()
        if ("Transfer-Encoding: chunked" in head) {
            while (true) {
                val size = line(input).toInt(radix = 16)
                repeat(size) { body.write(input.read()) }
                line(input)
                if (size == 0) break
            }
        }
        return Asked(head, body.toString("ISO-8859-1"))
    }

    private fun line(input: InputStream): String {
        val line = StringBuilder()
        while (true) {
            val next = input.read()
            if (next < 0) throw IOException("The client has gone.")
            if (next == '\n'.code) return line.toString().trimEnd('\r')
            line.append(next.toChar())
        }
    }

    private inline fun quietly(action: () -> Unit) = try {
        action()
    } catch (_: IOException) {
        // The client or the test is gone.
    }

    companion object {
        fun OutputStream.say(status: Int, body: String, vararg headers: String) {
            val bytes = body.toByteArray()
            val lines = listOf("HTTP/1.1 $status Odd", "Content-Length: ${bytes.size}") + headers
            // A client would else use the connection again in the moment before it is closed.
            val last = listOf("Connection: close", "", "")
            write((lines + last).joinToString("\r\n").toByteArray() + bytes)
            flush()
        }

        fun problem(status: Int, detail: String) =
            """{"type": "about:blank", "title": "", "status": $status, "detail": "$detail"}"""

        /** A good answer for so many pictures. */
        fun memes(count: Int): String {
            val one = """{"verdict": "meme", "probability": 0.99, "reason": "It is."}"""
            return """{"model": "odd", "pictures": [${List(count) { one }.joinToString()}]}"""
        }
    }
}
