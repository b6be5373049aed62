package org.memesdetection.model

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.graphics.PorterDuff
import android.graphics.PorterDuffXfermode
import android.graphics.Rect
import java.nio.ByteBuffer
import org.memesdetection.R

/**
 * Decodes pictures to the square that the model reads, with the platform's decoders.
 *
 * A JPEG is shrunk by the decoder itself (libjpeg's scaled inverse DCT) as long as twice the size
 * remains; other formats are decoded in full, as the platform would leave out pixels instead. The
 * rest is done by [Resize]. Of an animated GIF the first, middle and last frame are judged, of other
 * animations the first, as the platform cannot jump to a frame. Colour profiles are passed over, as
 * in training.
 */
object Decoder {
    /** Largest picture decoded in full; of a larger one only each second, fourth ... pixel. */
    private const val FULL_MEGAPIXELS = 25

    /** Largest picture that is decoded at all; a JPEG, shrunk meanwhile, may be larger. */
    private const val MAX_MEGAPIXELS = 100
    private const val MAX_JPEG_MEGAPIXELS = 250

    private const val STRIP_PIXELS = 1 shl 19

    /** Phones keep red first in memory; the platform's code on a computer, for tests, blue. */
    private val blueFirst: Boolean by lazy {
        val red = Bitmap.createBitmap(intArrayOf(Color.RED), 1, 1, Bitmap.Config.ARGB_8888)
        val pixel = ByteArray(4)
        red.copyPixelsToBuffer(ByteBuffer.wrap(pixel))
        pixel[2] != 0.toByte()
    }

    /**
     * Decodes the whole [content] of a file for a model that reads squares of side [size].
     *
     * @throws PictureError its sentence says what is wrong with this content
     */
    fun decode(content: ByteArray, size: Int): DecodedPicture {
        val format = format(content)
        val bounds = bounds(content, format)
        val exif = Exif.read(content)
        val frames = try {
            framesOfGif(content, format, size)
                ?: listOf(exif.upright(still(content, format, bounds, size), size))
        } catch (error: OutOfMemoryError) {
            throw HugePicture(R.string.picture_no_memory).apply { initCause(error) }
        }
        val (width, height) = bounds.width() to bounds.height()
        return DecodedPicture(
            frames,
            if (exif.swapsSides) height else width,
            if (exif.swapsSides) width else height,
            exif.fromCamera,
        )
    }

    /** The squares of an animated GIF that are judged, or null for any other picture. */
    private fun framesOfGif(
        content: ByteArray,
        format: PictureFormat,
        size: Int,
    ): List<ByteArray>? {
        if (format != PictureFormat.GIF) return null
        val gif = GifFrames(content)
        val pixels = gif.width.toLong() * gif.height
        if (gif.count < 2 || pixels !in 1..FULL_MEGAPIXELS * 1_000_000L) return null
        val squares = ArrayList<ByteArray>()
        gif.judged { frame ->
            val resize = Resize(gif.width, gif.height, size)
            resize.take(frame, 0, gif.height)
            squares += resize.square()
        }
        return squares
    }

    /** The square of a picture's first frame, as it is stored. */
    private fun still(
        content: ByteArray,
        format: PictureFormat,
        bounds: Rect,
        size: Int,
    ): ByteArray {
        val options = BitmapFactory.Options().apply {
            inPreferredConfig = Bitmap.Config.ARGB_8888
            inSampleSize = sampleSize(bounds.width(), bounds.height(), format, size)
        }
        val bitmap = BitmapFactory.decodeByteArray(content, 0, content.size, options)
            ?: throw undecodable(format)
        try {
            return squashed(bitmap, size)
        } finally {
            bitmap.recycle()
        }
    }

    private fun format(content: ByteArray): PictureFormat {
        if (content.isEmpty()) throw DamagedPicture(R.string.picture_empty)
        val format = PictureFormat.of(content) ?: throw NotAPicture()
        // Android would take a camera's raw picture for it.
        if (format == PictureFormat.TIFF) throw UnsupportedPicture(format)
        if (!Wholeness.of(content, format)) throw DamagedPicture()
        return format
    }

    /** Width and height that the header claims. */
    private fun bounds(content: ByteArray, format: PictureFormat): Rect {
        val options = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeByteArray(content, 0, content.size, options)
        val (width, height) = options.outWidth to options.outHeight
        if (width <= 0 || height <= 0) throw undecodable(format)
        val most = if (format == PictureFormat.JPEG) MAX_JPEG_MEGAPIXELS else MAX_MEGAPIXELS
        val megapixels = width.toLong() * height / 1_000_000
        if (megapixels > most) throw HugePicture(R.string.picture_huge, megapixels, most)
        return Rect(0, 0, width, height)
    }

    private fun undecodable(format: PictureFormat): PictureError = when (format) {
        // Which phone opens these depends on its system and its maker.
        PictureFormat.HEIF, PictureFormat.AVIF -> UnsupportedPicture(format)

        else -> DamagedPicture()
    }

    private fun sampleSize(width: Int, height: Int, format: PictureFormat, size: Int): Int {
        var sample = 1
        if (format == PictureFormat.JPEG) {
            val scale = minOf(width / (2 * size), height / (2 * size))
            while (sample < 8 && 2 * sample <= scale) sample *= 2
        }
        val pixels = width.toLong() * height
        while (pixels / sample / sample > FULL_MEGAPIXELS * 1_000_000L) sample *= 2
        return sample
    }

    /** The square of a [bitmap], RGB, transparency on white. */
    private fun squashed(bitmap: Bitmap, size: Int): ByteArray {
        val (width, height) = bitmap.width to bitmap.height
        val resize = Resize(width, height, size)
        val rows = minOf(height, maxOf(1, STRIP_PIXELS / width))
        val strip = blank(width, rows, bitmap)
        val canvas = Canvas(strip)
        val copy = Paint().apply { xfermode = PorterDuffXfermode(PorterDuff.Mode.SRC) }
        val pixels = ByteArray(strip.byteCount)
        for (top in 0 until height step rows) {
            val count = minOf(rows, height - top)
            val place = Rect(0, 0, width, count)
            canvas.drawBitmap(bitmap, Rect(0, top, width, top + count), place, copy)
            strip.copyPixelsToBuffer(ByteBuffer.wrap(pixels))
            if (blueFirst) swapRedAndBlue(pixels, count * width * 4)
            if (bitmap.hasAlpha()) layOnWhite(pixels, count * width * 4)
            resize.take(pixels, top, count)
        }
        strip.recycle()
        return resize.square()
    }

    /** A bitmap of 8 bits in the colour space of another, so that none is converted. */
    private fun blank(width: Int, height: Int, like: Bitmap): Bitmap {
        val space = like.colorSpace
        if (space != null) {
            try {
                return Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888, true, space)
            } catch (_: IllegalArgumentException) {
                // Some profiles cannot be those of a new bitmap.
            }
        }
        return Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
    }

    private fun swapRedAndBlue(pixels: ByteArray, end: Int) {
        for (at in 0 until end step 4) {
            val blue = pixels[at]
            pixels[at] = pixels[at + 2]
            pixels[at + 2] = blue
        }
    }

    /** Of RGBA whose colours are multiplied by their opacity, as bitmaps hold them. */
    private fun layOnWhite(pixels: ByteArray, end: Int) {
        for (at in 0 until end step 4) {
            val missing = 255 - (pixels[at + 3].toInt() and 255)
            if (missing == 0) continue
            for (i in at..at + 2) {
                pixels[i] = minOf(255, (pixels[i].toInt() and 255) + missing).toByte()
            }
        }
    }
}
