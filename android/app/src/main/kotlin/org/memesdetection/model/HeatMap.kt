package org.memesdetection.model

import android.graphics.Bitmap
import kotlin.math.max
import kotlin.math.roundToInt

/** The heat map: where in a picture the meme is, laid over the picture. */
object HeatMap {
    private const val LONGEST_SIDE = 1280
    private const val RED = 255
    private const val GREEN = 32
    private const val BLUE = 0
    private const val STRONGEST = 0.7f
    private const val SURE_LOGIT = 6f

    /**
     * Lays a heat map over a picture: the redder a place, the more it speaks for a meme.
     *
     * Places that speak against one stay as they are. The reddest place of a sure meme is the one
     * that speaks for it most; weak evidence stays pale.
     *
     * @param picture upright and not in graphics memory; shrunk to 1280 pixels at most
     * @param heatMap `[rows][columns]` of logits, as in [Outputs]
     * @return opaque, of the size of the shrunk picture
     */
    fun overlay(picture: Bitmap, heatMap: Array<FloatArray>): Bitmap {
        val scale = minOf(1f, LONGEST_SIDE.toFloat() / max(picture.width, picture.height))
        val width = max(1, (picture.width * scale).roundToInt())
        val height = max(1, (picture.height * scale).roundToInt())
        val small = Bitmap.createScaledBitmap(picture, width, height, true)
        val shown = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
        val rows = Weights.bicubic(heatMap.size, height)
        val lines = widened(opacities(heatMap), width)
        val line = IntArray(width)
        for (y in 0 until height) {
            small.getPixels(line, 0, width, 0, y, width, 1)
            for (x in 0 until width) {
                var sum = Weights.HALF
                for (i in 0 until rows.counts[y]) {
                    sum += lines[rows.starts[y] + i][x] * rows.values[y * rows.step + i]
                }
                line[x] = blended(line[x], Weights.clipped(sum))
            }
            shown.setPixels(line, 0, width, 0, y, width, 1)
        }
        if (small !== picture) small.recycle()
        return shown
    }

    /** How opaque the colour is in each place, 0-255. */
    private fun opacities(heatMap: Array<FloatArray>): Array<IntArray> {
        val strongest = max(heatMap.maxOf { row -> row.maxOf { it } }, SURE_LOGIT)
        return Array(heatMap.size) { y ->
            IntArray(heatMap[y].size) { x ->
                (255 * STRONGEST * (heatMap[y][x] / strongest).coerceIn(0f, 1f)).toInt()
            }
        }
    }

    private fun widened(rows: Array<IntArray>, width: Int): Array<IntArray> {
        val columns = Weights.bicubic(rows[0].size, width)
        return Array(rows.size) { y ->
            IntArray(width) { x ->
                var sum = Weights.HALF
                for (i in 0 until columns.counts[x]) {
                    sum += rows[y][columns.starts[x] + i] * columns.values[x * columns.step + i]
                }
                Weights.clipped(sum)
            }
        }
    }

    /** A [pixel] (ARGB, transparency on white) with the colour over it, [opacity] 0-255. */
    private fun blended(pixel: Int, opacity: Int): Int {
        val alpha = pixel ushr 24
        fun channel(shift: Int, colour: Int): Int {
            val below = mixed(pixel shr shift and 255, alpha, 255)
            return mixed(colour, opacity, below) shl shift
        }
        return -0x1000000 or channel(16, RED) or channel(8, GREEN) or channel(0, BLUE)
    }

    /** [upper] laid over [lower] with an [opacity] of 0-255. */
    private fun mixed(upper: Int, opacity: Int, lower: Int): Int =
        (upper * opacity + lower * (255 - opacity) + 127) / 255
}
