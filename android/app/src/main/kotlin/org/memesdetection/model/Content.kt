package org.memesdetection.model

import android.content.ContentResolver
import android.net.Uri
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream
import java.security.MessageDigest
import org.memesdetection.R

/** A whole file in memory; [sha256] is hexadecimal, the name of the content in databases. */
class Content(val bytes: ByteArray, val sha256: String) {
    companion object {
        private const val MIB = 1 shl 20

        /** Largest file that is read: no phone takes such a picture, and it must fit twice. */
        private val largest: Long
            get() = minOf(256L * MIB, maxOf(32L * MIB, Runtime.getRuntime().maxMemory() / 3))

        /** The SHA-256 of [bytes], hexadecimal. */
        fun sha256(bytes: ByteArray): String =
            hexadecimal(MessageDigest.getInstance("SHA-256").digest(bytes))

        /**
         * Reads what [uri] names, once and whole.
         *
         * @throws PictureError it is gone, not allowed, cannot be read or is too large
         */
        fun read(resolver: ContentResolver, uri: Uri): Content {
            try {
                resolver.openAssetFileDescriptor(uri, "r").use { file ->
                    if (file == null) throw UnreadableFile(R.string.picture_gone)
                    val bytes = file.createInputStream().use { read(it, file.length) }
                    return Content(bytes, sha256(bytes))
                }
            } catch (error: FileNotFoundException) {
                // A provider has no other way to say that it refuses than by this word.
                val refused = error.message.orEmpty().contains("EACCES")
                val sentence = if (refused) R.string.picture_refused else R.string.picture_gone
                throw unreadable(sentence, error)
            } catch (error: SecurityException) {
                throw unreadable(R.string.picture_refused, error)
            } catch (error: IOException) {
                throw unreadable(R.string.picture_unreadable, error)
            } catch (error: OutOfMemoryError) {
                throw HugePicture(R.string.picture_no_memory).apply { initCause(error) }
            } catch (error: MemesError) {
                throw error
            } catch (error: RuntimeException) {
                // Providers of other apps throw what they like, over the border of processes too.
                throw unreadable(R.string.picture_unreadable, error)
            }
        }

        private fun unreadable(sentence: Int, cause: Throwable) =
            UnreadableFile(sentence).apply { initCause(cause) }

        /** [claimed] is how long the stream says it is, or negative if it does not. */
        private fun read(stream: InputStream, claimed: Long): ByteArray {
            val most = largest
            if (claimed > most) throw tooLarge(most)
            var bytes = ByteArray(if (claimed > 0) claimed.toInt() else MIB)
            var length = 0
            while (true) {
                if (length == bytes.size) {
                    // A claim that holds spares the copy.
                    val next = stream.read()
                    if (next < 0) return bytes
                    if (length >= most) throw tooLarge(most)
                    bytes = bytes.copyOf(minOf(2L * length, most).toInt())
                    bytes[length++] = next.toByte()
                }
                val count = stream.read(bytes, length, bytes.size - length)
                if (count < 0) return bytes.copyOf(length)
                length += count
            }
        }

        private fun tooLarge(most: Long) = HugePicture(R.string.picture_too_large, most / MIB)

        internal fun hexadecimal(bytes: ByteArray): String {
            val digits = "0123456789abcdef"
            val text = StringBuilder(2 * bytes.size)
            for (byte in bytes) {
                text.append(digits[byte.toInt() shr 4 and 15]).append(digits[byte.toInt() and 15])
            }
            return text.toString()
        }
    }
}
