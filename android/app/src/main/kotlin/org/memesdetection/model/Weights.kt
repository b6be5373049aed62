package org.memesdetection.model

import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.max
import kotlin.math.min

/**
 * What each place of a resampled line takes from the line, in fixed point as Pillow has it.
 *
 * @property starts first place of the line that it takes from
 * @property counts places that it takes from
 * @property values 1.0 is `1 shl PRECISION_BITS`; [step] of them for each place
 */
internal class Weights private constructor(
    val starts: IntArray,
    val counts: IntArray,
    val values: IntArray,
    val step: Int,
) {
    companion object {
        const val PRECISION_BITS = 22

        /** What a sum starts with, so that it is rounded. */
        const val HALF = 1 shl (PRECISION_BITS - 1)

        /** Pillow's BILINEAR: a triangle whose support grows with the reduction. */
        fun triangle(from: Int, to: Int): Weights = of(from, to, 1.0) { max(1 - abs(it), 0.0) }

        /** Pillow's BICUBIC: Keys' with a = -0.5. */
        fun bicubic(from: Int, to: Int): Weights = of(from, to, 2.0) {
            val x = abs(it)
            when {
                x < 1 -> (1.5 * x - 2.5) * x * x + 1
                x < 2 -> ((-0.5 * x + 2.5) * x - 4) * x + 2
                else -> 0.0
            }
        }

        /** One place of a resampled line is bound to stay within 0-255. */
        fun clipped(sum: Int): Int = min(max(sum shr PRECISION_BITS, 0), 255)

        private fun of(from: Int, to: Int, reach: Double, filter: (Double) -> Double): Weights {
            val scale = from.toDouble() / to
            val stretch = max(scale, 1.0)
            val support = reach * stretch
            val step = ceil(support).toInt() * 2 + 1
            val starts = IntArray(to)
            val counts = IntArray(to)
            val values = IntArray(to * step)
            val line = DoubleArray(step)
            for (place in 0 until to) {
                val centre = (place + 0.5) * scale
                val start = max((centre - support + 0.5).toInt(), 0)
                val count = min((centre + support + 0.5).toInt(), from) - start
                var sum = 0.0
                for (i in 0 until count) {
                    line[i] = filter((start + i - centre + 0.5) / stretch)
                    sum += line[i]
                }
                for (i in 0 until count) {
                    val weight = line[i] / sum * (1 shl PRECISION_BITS)
                    values[place * step + i] = (weight + if (weight < 0) -0.5 else 0.5).toInt()
                }
                starts[place] = start
                counts[place] = count
            }
            return Weights(starts, counts, values, step)
        }
    }
}
