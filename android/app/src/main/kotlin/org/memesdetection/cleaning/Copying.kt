package org.memesdetection.cleaning

import android.system.ErrnoException
import android.system.Os
import android.system.OsConstants
import java.io.File
import java.io.FileInputStream
import java.io.FileNotFoundException
import java.io.FileOutputStream
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.security.MessageDigest
import org.memesdetection.cleaning.CleaningError.Kind
import org.memesdetection.model.MemesError

/** Copies of files, byte by byte the same and on the disk. */
internal object Copying {
    private const val CHUNK = 1 shl 16

    /**
     * Copy to a file that is not there yet, put it on the disk and read it again.
     *
     * @param sha256 of what is meant, hexadecimal.
     * @throws CleaningError the original or the copy is not what is meant.
     * @throws IOException it cannot be read or written; what was written is to be deleted.
     */
    fun copy(open: () -> InputStream, target: File, sha256: String) {
        val read = FileOutputStream(target).use { out ->
            val read = open().use { copy(it, out) }
            out.fd.sync()
            read
        }
        if (read != sha256) throw CleaningError(Kind.CHANGED)
        if (!holds(target, sha256)) throw CleaningError(Kind.BAD_COPY)
    }

    /** Copy, and return the SHA-256 of what was read, hexadecimal. */
    fun copy(input: InputStream, out: OutputStream?): String {
        val digest = MessageDigest.getInstance("SHA-256")
        val chunk = ByteArray(CHUNK)
        while (true) {
            val count = input.read(chunk)
            if (count < 0) break
            digest.update(chunk, 0, count)
            out?.write(chunk, 0, count)
        }
        return digest.digest().joinToString("") { "%02x".format(it) }
    }

    /** Whether a file is there with this content; false also if it cannot be read. */
    fun holds(file: File, sha256: String): Boolean = holds({ FileInputStream(file) }, sha256)

    fun holds(open: () -> InputStream, sha256: String): Boolean = try {
        open().use { copy(it, null) } == sha256
    } catch (_: IOException) {
        false
    } catch (_: SecurityException) {
        false
    }

    /** Put the names in a folder on the disk, where the file system can. */
    fun syncFolder(folder: File) {
        try {
            val descriptor = Os.open(folder.path, OsConstants.O_RDONLY, 0)
            try {
                Os.fsync(descriptor)
            } finally {
                Os.close(descriptor)
            }
        } catch (_: ErrnoException) {
            // Memory cards' file systems know no such thing.
        }
    }

    /** The sentence for the user on why a file was not moved. */
    fun told(error: Exception): MemesError = when {
        error is MemesError -> error
        isFull(error) -> CleaningError(Kind.FULL, error)
        error is FileNotFoundException -> CleaningError(Kind.GONE, error)
        error is SecurityException -> CleaningError(Kind.NOT_ALLOWED, error)
        else -> CleaningError(Kind.NO_STORAGE, error)
    }

    private fun isFull(error: Throwable): Boolean = generateSequence(error) { it.cause }
        .any { it is ErrnoException && it.errno == OsConstants.ENOSPC }
}
