package org.memesdetection.data

/** The bytes of a hexadecimal digest. */
internal fun String.bytesOfHex(): ByteArray =
    ByteArray(length / 2) { substring(2 * it, 2 * it + 2).toInt(16).toByte() }
