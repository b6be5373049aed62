package org.memesdetection.model

import java.util.zip.CRC32

/**
 * Whether a file ends where its format says.
 *
 * The platform fills what is missing of a truncated picture with black or nothing and says no word;
 * such a picture must not be judged by half.
 */
internal object Wholeness {
    /** Whether [content] is whole as far as its [format] tells. */
    fun of(content: ByteArray, format: PictureFormat): Boolean = when (format) {
        PictureFormat.JPEG -> jpeg(content)
        PictureFormat.PNG -> png(content)
        PictureFormat.WEBP -> little(content, 4) + 8 <= content.size + 1L
        PictureFormat.GIF -> gif(content)
        PictureFormat.BMP -> little(content, 2) <= content.size
        else -> true
    }

    /** Segments up to the end marker; what stands behind it, such as a preview, does not count. */
    private fun jpeg(content: ByteArray): Boolean {
        var at = 2
        while (at + 1 < content.size) {
            // Between segments stand the bytes of a scan, where 0xff is followed by 0 or a restart.
            if (content[at] != 0xff.toByte()) {
                at++
                continue
            }
            when (content[at + 1].toInt() and 255) {
                0xd9 -> return true
                0xff -> at++
                in 0xd0..0xd8, 0, 1 -> at += 2
                else -> at += 2 + if (at + 3 < content.size) big(content, at + 2, 2).toInt() else 2
            }
        }
        return false
    }

    /** Chunks with their checksums up to the last one of pixels. */
    private fun png(content: ByteArray): Boolean {
        var at = 8
        var pixels = false
        while (at + 12 <= content.size) {
            val length = big(content, at, 4)
            val type = String(content, at + 4, 4, Charsets.ISO_8859_1)
            if (type == "IEND") return pixels
            // Pillow, too, passes over what is broken behind the pixels.
            val vital = type[0].isUpperCase()
            if (at + 12 + length > content.size) return pixels && type != "IDAT"
            if (vital) {
                val crc = CRC32()
                crc.update(content, at + 4, 4 + length.toInt())
                if (crc.value != big(content, at + 8 + length.toInt(), 4)) return false
            }
            pixels = pixels || type == "IDAT"
            at += 12 + length.toInt()
        }
        return pixels
    }

    /** Blocks up to the end of the first picture. */
    private fun gif(content: ByteArray): Boolean {
        if (content.size < GifFrames.FIRST_BLOCK) return false
        var at = GifFrames.FIRST_BLOCK + GifFrames.tableBytes(content[10].toInt())
        while (at + 10 <= content.size) {
            when (content[at].toInt() and 255) {
                GifFrames.EXTENSION -> at = GifFrames.afterBlocks(content, at + 2)

                GifFrames.IMAGE -> {
                    val data = at + 11 + GifFrames.tableBytes(content[at + 9].toInt())
                    return GifFrames.afterBlocks(content, data) <= content.size
                }

                else -> return false
            }
        }
        return false
    }

    private fun big(content: ByteArray, at: Int, count: Int): Long {
        var value = 0L
        for (i in at until at + count) value = value shl 8 or (content[i].toLong() and 255)
        return value
    }

    /** Four bytes, least first; more than any size where they are missing. */
    private fun little(content: ByteArray, at: Int): Long {
        if (at + 4 > content.size) return Long.MAX_VALUE / 2
        var value = 0L
        for (i in at + 3 downTo at) value = value shl 8 or (content[i].toLong() and 255)
        return value
    }
}
