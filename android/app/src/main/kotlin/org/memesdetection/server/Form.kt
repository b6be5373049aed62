package org.memesdetection.server

import java.io.Closeable
import java.io.IOException
import java.io.OutputStream
import java.util.UUID

/** A form with pictures, written piece by piece so that no picture is ever whole in memory. */
internal class Form(private val uploads: List<Upload>) {
    private val boundary = "memes-${UUID.randomUUID()}"

    val contentType: String get() = "multipart/form-data; boundary=$boundary"

    /**
     * Write the form.
     *
     * @throws Unreadable a picture cannot be read.
     * @throws IOException the server takes no more.
     */
    fun write(to: OutputStream) {
        val buffer = ByteArray(CHUNK)
        uploads.forEachIndexed { number, upload ->
            // The server needs some name; the picture's own is nobody's business.
            to.ascii("--$boundary\r\nContent-Disposition: form-data; name=\"file\"; ")
            to.ascii("filename=\"${number + 1}\"\r\n")
            to.ascii("Content-Type: application/octet-stream\r\n\r\n")
            Source(upload).use { source ->
                while (true) {
                    val count = source.read(buffer)
                    if (count < 0) break
                    to.write(buffer, 0, count)
                }
            }
            to.ascii("\r\n")
        }
        to.ascii("--$boundary--\r\n")
    }

    private fun OutputStream.ascii(text: String) = write(text.toByteArray(Charsets.US_ASCII))

    private companion object {
        const val CHUNK = 64 * 1024
    }
}

/** A picture cannot be read, which is not the network's fault. */
internal class Unreadable(val upload: Upload, cause: Exception) : IOException(cause)

/** Tells the errors of a picture from those of the connection. */
private class Source(private val upload: Upload) : Closeable {
    private val content = guarded { upload.content() }

    fun read(buffer: ByteArray): Int = guarded { content.read(buffer) }

    override fun close() = guarded { content.close() }

    private inline fun <T> guarded(action: () -> T): T = try {
        action()
    } catch (error: IOException) {
        throw Unreadable(upload, error)
    } catch (error: RuntimeException) {
        // Providers of other apps throw what they like.
        throw Unreadable(upload, error)
    }
}
