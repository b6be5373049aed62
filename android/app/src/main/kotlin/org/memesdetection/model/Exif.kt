package org.memesdetection.model

import android.media.ExifInterface
import java.io.ByteArrayInputStream

/**
 * What EXIF says of a picture.
 *
 * @property orientation 1-8, how the stored picture must be turned to stand upright
 * @property fromCamera it names a camera and an exposure: somebody took this photo
 */
class Exif private constructor(val orientation: Int, val fromCamera: Boolean) {
    /** Whether width and height change places when the picture is turned upright. */
    val swapsSides: Boolean get() = orientation >= 5

    /** The upright form of a [square] as it is stored: `[size * size * 3]`. */
    fun upright(square: ByteArray, size: Int): ByteArray {
        if (orientation == 1) return square
        val last = size - 1
        val turned = ByteArray(square.size)
        var at = 0
        for (y in 0 until size) {
            for (x in 0 until size) {
                val from = 3 * when (orientation) {
                    2 -> y * size + last - x
                    3 -> (last - y) * size + last - x
                    4 -> (last - y) * size + x
                    5 -> x * size + y
                    6 -> (last - x) * size + y
                    7 -> (last - x) * size + last - y
                    else -> x * size + last - y
                }
                turned[at++] = square[from]
                turned[at++] = square[from + 1]
                turned[at++] = square[from + 2]
            }
        }
        return turned
    }

    companion object {
        private val NONE = Exif(1, false)
        private val EXPOSURE = arrayOf(
            ExifInterface.TAG_EXPOSURE_TIME,
            ExifInterface.TAG_F_NUMBER,
            ExifInterface.TAG_ISO_SPEED_RATINGS,
        )

        /** Reads it from the whole [content] of a file; broken EXIF is passed over. */
        fun read(content: ByteArray): Exif {
            val exif = try {
                ExifInterface(ByteArrayInputStream(content))
            } catch (_: Exception) {
                return NONE
            } catch (_: OutOfMemoryError) {
                // It believes what a file says of the size of a tag.
                return NONE
            }
            val orientation = exif.getAttributeInt(ExifInterface.TAG_ORIENTATION, 1)
            val named = exif.says(ExifInterface.TAG_MAKE) || exif.says(ExifInterface.TAG_MODEL)
            val exposed = EXPOSURE.any { exif.says(it) }
            return Exif(if (orientation in 1..8) orientation else 1, named && exposed)
        }

        /** Whether a tag has a value that is neither empty nor 0. */
        private fun ExifInterface.says(tag: String): Boolean {
            val value = getAttribute(tag)?.trim { it <= ' ' } ?: return false
            return value.isNotEmpty() && value.toDoubleOrNull() != 0.0
        }
    }
}
