package org.memesdetection.model

/**
 * The frames of an animated GIF, laid over each other as they are shown.
 *
 * The platform decodes the first frame alone, or plays them all by the clock.
 */
internal class GifFrames(private val content: ByteArray) {
    private class Frame(
        val left: Int,
        val top: Int,
        val width: Int,
        val height: Int,
        val interlaced: Boolean,
        /** Where its colour table starts. */
        val colours: Int,
        /** Where its pixels start: bits of the first codes, then blocks. */
        val data: Int,
        /** Number of the colour that lets through what was there, or -1. */
        val transparent: Int,
        /** What happens to it before the next: 2 it is cleared, 3 what was there comes back. */
        val disposal: Int,
    )

    val width = little(6)
    val height = little(8)
    private val frames = ArrayList<Frame>()

    init {
        var at = FIRST_BLOCK + tableBytes(byte(10))
        var control = 0
        var transparent = -1
        while (frames.size < FRAMES_LOOKED_AT && at + 10 < content.size) {
            if (byte(at) == EXTENSION) {
                if (byte(at + 1) == GRAPHIC_CONTROL) {
                    control = byte(at + 3)
                    transparent = if (control and 1 != 0) byte(at + 6) else -1
                }
                at = afterBlocks(content, at + 2)
            } else if (byte(at) == IMAGE) {
                val flags = byte(at + 9)
                val own = flags and 0x80 != 0
                val data = at + 10 + tableBytes(flags)
                frames += Frame(
                    little(at + 1),
                    little(at + 3),
                    little(at + 5),
                    little(at + 7),
                    flags and 0x40 != 0,
                    if (own) at + 10 else FIRST_BLOCK,
                    data,
                    transparent,
                    control shr 2 and 7,
                )
                control = 0
                transparent = -1
                at = afterBlocks(content, data + 1)
            } else {
                break
            }
        }
    }

    /** How many there are, of those that are looked at. */
    val count: Int get() = frames.size

    /**
     * Decodes the first, the middle and the last frame.
     *
     * @param take gets each of them once, in this order: `[height * width * 4]`, RGB 0-255 and a
     *   byte that means nothing, transparency on white; it is written over afterwards
     * @throws DamagedPicture a frame is truncated or corrupt
     */
    fun judged(take: (ByteArray) -> Unit) {
        val wanted = setOf(0, count / 2, count - 1)
        val canvas = ByteArray(width * height * 4)
        val shown = ByteArray(canvas.size)
        try {
            frames.forEachIndexed { number, frame ->
                val before = if (frame.disposal == 3) canvas.clone() else null
                draw(frame, canvas)
                if (number in wanted) {
                    for (at in canvas.indices step 4) {
                        val opaque = canvas[at + 3] != 0.toByte()
                        for (i in at..at + 3) shown[i] = if (opaque) canvas[i] else -1
                    }
                    take(shown)
                }
                if (frame.disposal == 2) clear(frame, canvas)
                before?.copyInto(canvas)
            }
        } catch (error: IndexOutOfBoundsException) {
            throw DamagedPicture().apply { initCause(error) }
        }
    }

    private fun draw(frame: Frame, canvas: ByteArray) {
        if (frame.width.toLong() * frame.height > width.toLong() * height) throw DamagedPicture()
        val pixels = ByteArray(frame.width * frame.height)
        unpack(frame.data, pixels)
        var line = 0
        for (row in rows(frame)) {
            for (x in 0 until frame.width) {
                val colour = pixels[line * frame.width + x].toInt() and 255
                if (colour == frame.transparent) continue
                if (frame.left + x >= width || frame.top + row >= height) continue
                val at = 4 * ((frame.top + row) * width + frame.left + x)
                val from = frame.colours + 3 * colour
                content.copyInto(canvas, at, from, from + 3)
                canvas[at + 3] = -1
            }
            line++
        }
    }

    /** The rows in the order in which they come. */
    private fun rows(frame: Frame): List<Int> {
        val all = 0 until frame.height
        if (!frame.interlaced) return all.toList()
        return listOf(0 to 8, 4 to 8, 2 to 4, 1 to 2).flatMap { (first, step) ->
            all.filter { it >= first && (it - first) % step == 0 }
        }
    }

    private fun clear(frame: Frame, canvas: ByteArray) {
        for (y in frame.top until minOf(frame.top + frame.height, height)) {
            val end = 4 * (y * width + minOf(frame.left + frame.width, width))
            canvas.fill(0, minOf(4 * (y * width + frame.left), end), end)
        }
    }

    /** Unpacks the LZW codes from [start] on into [pixels], which they fill. */
    private fun unpack(start: Int, pixels: ByteArray) {
        val firstBits = byte(start)
        val clear = 1 shl firstBits
        val prefixes = IntArray(MOST_CODES)
        val lasts = ByteArray(MOST_CODES) { it.toByte() }
        val lengths = IntArray(MOST_CODES) { 1 }
        var bits = firstBits + 1
        var codes = clear + 2
        var previous = -1
        var held = 0
        var heldBits = 0
        var at = start + 1
        var blockEnd = at
        var out = 0
        while (out < pixels.size) {
            while (heldBits < bits) {
                if (at == blockEnd) {
                    // A block of no bytes ends the pixels, here too soon.
                    blockEnd = at + 1 + byte(at)
                    if (++at == blockEnd) throw IndexOutOfBoundsException("too few pixels")
                }
                held = held or (byte(at++) shl heldBits)
                heldBits += 8
            }
            val code = held and (1 shl bits) - 1
            held = held ushr bits
            heldBits -= bits
            if (code == clear) {
                bits = firstBits + 1
                codes = clear + 2
                previous = -1
                continue
            }
            if (code == clear + 1 || code > codes || (code == codes && previous < 0)) {
                throw IndexOutOfBoundsException("no such code: $code")
            }
            // A code that is only now defined is the one before with its own first pixel behind it.
            val known = if (code == codes) previous else code
            var length = lengths[known]
            var link = known
            var first: Byte = 0
            for (place in out + length - 1 downTo out) {
                first = lasts[link]
                if (place < pixels.size) pixels[place] = first
                link = prefixes[link]
            }
            if (code == codes) {
                if (out + length < pixels.size) pixels[out + length] = first
                length++
            }
            if (previous >= 0 && codes < MOST_CODES) {
                prefixes[codes] = previous
                lasts[codes] = first
                lengths[codes] = lengths[previous] + 1
                codes++
                if (codes == 1 shl bits && bits < MOST_BITS) bits++
            }
            previous = code
            out += length
        }
    }

    private fun byte(at: Int) = content[at].toInt() and 255

    private fun little(at: Int) = byte(at) or (byte(at + 1) shl 8)

    companion object {
        /** Frames that are decoded at most, so that a long animation does not hold up a scan. */
        private const val FRAMES_LOOKED_AT = 48

        /** Behind header and size; first comes the colour table of all frames, if there is one. */
        const val FIRST_BLOCK = 13
        const val EXTENSION = 0x21
        const val IMAGE = 0x2c
        private const val GRAPHIC_CONTROL = 0xf9
        private const val MOST_BITS = 12
        private const val MOST_CODES = 1 shl MOST_BITS

        /** Bytes of the colour table that [flags] announce. */
        fun tableBytes(flags: Int) = if (flags and 0x80 != 0) 3 shl (flags and 7) + 1 else 0

        /** Where the blocks from [start] on end; beyond the [content] if they are cut short. */
        fun afterBlocks(content: ByteArray, start: Int): Int {
            var at = start
            while (at < content.size) {
                val length = content[at].toInt() and 255
                at += 1 + length
                if (length == 0) return at
            }
            return content.size + 1
        }
    }
}
