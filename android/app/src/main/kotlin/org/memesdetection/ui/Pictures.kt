package org.memesdetection.ui

import android.content.ContentResolver
import android.content.Context
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.ImageDecoder
import android.graphics.Matrix
import android.media.ExifInterface
import android.net.Uri
import android.os.Build
import java.io.IOException
import org.memesdetection.NeedsApi

/** Whole pictures for the screen, upright. */
object Pictures {
    /** Pixels of the longer side, at least half of it and at most so many. */
    private const val LARGEST = 2560

    /** Read a picture, in at most the size that a screen can use; null if that cannot be. */
    fun read(context: Context, uri: Uri): Bitmap? = orNull {
        if (Build.VERSION.SDK_INT >= 28) {
            decode(context, uri)
        } else {
            decodeSampled(context.contentResolver, uri, ::sample)
        }
    }

    /** What [make] gives; null if the picture cannot be had. */
    inline fun orNull(make: () -> Bitmap?): Bitmap? = try {
        make()
    } catch (_: IOException) {
        null
    } catch (_: RuntimeException) {
        // A provider answers with any of them: a right withdrawn, a card pulled out, a picture gone.
        null
    } catch (_: OutOfMemoryError) {
        null
    }

    @NeedsApi(28)
    private fun decode(context: Context, uri: Uri): Bitmap =
        ImageDecoder.decodeBitmap(ImageDecoder.createSource(context.contentResolver, uri)) {
                it,
                info,
                _,
            ->
            it.allocator = ImageDecoder.ALLOCATOR_SOFTWARE
            it.setTargetSampleSize(sample(info.size.width, info.size.height))
        }

    /**
     * Decode a picture with the platform's oldest decoder, upright.
     *
     * @param sample from the picture's width and height to the divisor of both.
     */
    fun decodeSampled(resolver: ContentResolver, uri: Uri, sample: (Int, Int) -> Int): Bitmap? {
        val bounds = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        resolver.openInputStream(uri)?.use { BitmapFactory.decodeStream(it, null, bounds) }
        val options = BitmapFactory.Options().apply {
            inSampleSize = sample(bounds.outWidth, bounds.outHeight)
        }
        val picture =
            resolver.openInputStream(uri)?.use { BitmapFactory.decodeStream(it, null, options) }
                ?: return null
        val exif = resolver.openInputStream(uri)?.use(::ExifInterface) ?: return picture
        return turned(picture, exif)
    }

    /** The picture as its EXIF orientation wants it, for turns; nobody's phone mirrors. */
    private fun turned(picture: Bitmap, exif: ExifInterface): Bitmap {
        val degrees = when (
            exif.getAttributeInt(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_NORMAL)
        ) {
            ExifInterface.ORIENTATION_ROTATE_90 -> 90f
            ExifInterface.ORIENTATION_ROTATE_180 -> 180f
            ExifInterface.ORIENTATION_ROTATE_270 -> 270f
            else -> return picture
        }
        val matrix = Matrix().apply { postRotate(degrees) }
        return Bitmap.createBitmap(picture, 0, 0, picture.width, picture.height, matrix, true)
    }

    private fun sample(width: Int, height: Int): Int {
        var sample = 1
        while (maxOf(width, height) / sample > LARGEST) sample *= 2
        return sample
    }
}
