package org.memesdetection.model

import android.util.Half
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** Numbers of 16 bits, as embeddings are kept. */
object Float16 {
    /** [values] rounded to float16, little-endian. */
    fun bytes(values: FloatArray): ByteArray {
        val bytes = ByteBuffer.allocate(2 * values.size).order(ByteOrder.LITTLE_ENDIAN)
        for (value in values) bytes.putShort(Half.toHalf(value))
        return bytes.array()
    }

    /** The float16 numbers that [bytes] hold, little-endian. */
    fun floats(bytes: ByteArray): FloatArray {
        val halves = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
        return FloatArray(bytes.size / 2) { Half.toFloat(halves.getShort(2 * it)) }
    }
}
