package org.memesdetection.model

/** Bytes that tools/reference.py makes in the same way. */
fun noise(count: Int, seed: Int): ByteArray {
    var state = seed.toLong()
    return ByteArray(count) {
        state = state * 1103515245 + 12345 and 0x7fffffff
        (state shr 16).toByte()
    }
}
