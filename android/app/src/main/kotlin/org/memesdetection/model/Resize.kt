package org.memesdetection.model

/**
 * Squashes a picture to a square by Pillow's BILINEAR, bit for bit: along the rows and down the
 * columns in fixed point, each rounded to 8 bits.
 *
 * Takes the picture in strips of rows, so that a large one needs no second copy in memory. For one
 * picture and one thread.
 *
 * @param width pixels of the picture
 * @param height pixels of the picture
 * @param size side of the square in pixels
 */
class Resize(private val width: Int, height: Int, private val size: Int) {
    private val across = Weights.triangle(width, size)
    private val down = Weights.triangle(height, size)

    // Pillow's choice since 13.0; rounding between the two makes them differ.
    private val downFirst = height > size && height - size > 2L * (width - size)
    private val length = 3 * if (downFirst) width else size
    private val sums = IntArray(size * length).apply { fill(Weights.HALF) }
    private var firstOpen = 0
    private var lines = ByteArray(0)

    /**
     * Takes the next rows.
     *
     * @param pixels `[count * width * 4]`, RGB 0-255 and a byte that is passed over, row by row
     * @param top number of the first of these rows; rows come in their order
     */
    fun take(pixels: ByteArray, top: Int, count: Int) {
        if (downFirst) {
            for (row in 0 until count) add(pixels, 4, row * width * 4, top + row)
            return
        }
        if (lines.size < count * length) lines = ByteArray(count * length)
        along(pixels, 4, count, lines)
        for (row in 0 until count) add(lines, 3, row * length, top + row)
    }

    /** The square once all rows are in: `[size * size * 3]`, RGB 0-255. */
    fun square(): ByteArray {
        val rows = ByteArray(sums.size) { (sums[it] shr Weights.PRECISION_BITS).toByte() }
        if (!downFirst) return rows
        return ByteArray(size * size * 3).also { along(rows, 3, size, it) }
    }

    /** Resamples [count] rows along themselves into [out], RGB. */
    private fun along(pixels: ByteArray, channels: Int, count: Int, out: ByteArray) {
        val starts = across.starts
        val counts = across.counts
        val values = across.values
        val step = across.step
        var at = 0
        for (row in 0 until count) {
            val line = row * width * channels
            for (x in 0 until size) {
                var red = Weights.HALF
                var green = Weights.HALF
                var blue = Weights.HALF
                var from = line + starts[x] * channels
                val first = x * step
                for (i in first until first + counts[x]) {
                    val weight = values[i]
                    red += (pixels[from].toInt() and 255) * weight
                    green += (pixels[from + 1].toInt() and 255) * weight
                    blue += (pixels[from + 2].toInt() and 255) * weight
                    from += channels
                }
                out[at] = (red shr Weights.PRECISION_BITS).toByte()
                out[at + 1] = (green shr Weights.PRECISION_BITS).toByte()
                out[at + 2] = (blue shr Weights.PRECISION_BITS).toByte()
                at += 3
            }
        }
    }

    /** Adds one row, which starts at [from], to the sums of all columns that reach it. */
    private fun add(pixels: ByteArray, channels: Int, from: Int, row: Int) {
        val starts = down.starts
        val counts = down.counts
        val values = down.values
        val step = down.step
        while (firstOpen < size && starts[firstOpen] + counts[firstOpen] <= row) firstOpen++
        var y = firstOpen
        while (y < size && starts[y] <= row) {
            val weight = values[y * step + row - starts[y]]
            var pixel = from
            var at = y * length
            val end = at + length
            while (at < end) {
                sums[at] += (pixels[pixel].toInt() and 255) * weight
                sums[at + 1] += (pixels[pixel + 1].toInt() and 255) * weight
                sums[at + 2] += (pixels[pixel + 2].toInt() and 255) * weight
                at += 3
                pixel += channels
            }
            y++
        }
    }
}
