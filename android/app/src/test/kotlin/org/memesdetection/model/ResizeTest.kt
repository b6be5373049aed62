package org.memesdetection.model

import android.graphics.Bitmap
import android.graphics.Color
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** Resizing gives what Pillow gives, bit for bit. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class ResizeTest {
    @Test
    fun `squashes as Pillow does, in strips of any height`() {
        val cases = Python.fixtures.getJSONArray("resized")
        for (index in 0 until cases.length()) {
            val case: JSONObject = cases.getJSONObject(index)
            val (width, height) = case.getInt("width") to case.getInt("height")
            val rgb = noise(width * height * 3, seed = width)
            val pixels = ByteArray(width * height * 4) {
                if (it % 4 == 3) 9 else rgb[it / 4 * 3 + it % 4]
            }
            for (rows in listOf(1, 7, height)) {
                val resize = Resize(width, height, case.getInt("size"))
                for (top in 0 until height step rows) {
                    val count = minOf(rows, height - top)
                    val from = top * width * 4
                    resize.take(pixels.copyOfRange(from, from + count * width * 4), top, count)
                }
                val square = resize.square()
                assertEquals("$case", case.getString("sha256"), Content.sha256(square))
            }
        }
    }

    @Test
    fun `lays the heat map over a picture as Pillow does`() {
        val case = Python.fixtures.getJSONObject("overlay")
        val (width, height) = case.getInt("width") to case.getInt("height")
        val rgb = noise(width * height * 3, seed = 7).map { it.toInt() and 255 }
        val picture = Bitmap.createBitmap(
            IntArray(width * height) { Color.rgb(rgb[3 * it], rgb[3 * it + 1], rgb[3 * it + 2]) },
            width,
            height,
            Bitmap.Config.ARGB_8888,
        )
        val heat = noise(49, seed = 5)
        val map = Array(7) { y -> FloatArray(7) { (heat[7 * y + it].toInt() and 255) / 16f - 4 } }
        val shown = HeatMap.overlay(picture, map)
        val line = IntArray(width * height)
        shown.getPixels(line, 0, width, 0, 0, width, height)
        val bytes = ByteArray(line.size * 3) { (line[it / 3] shr (16 - 8 * (it % 3))).toByte() }
        assertEquals(case.getString("sha256"), Content.sha256(bytes))
    }
}
