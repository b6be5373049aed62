package org.memesdetection

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.Canvas
import android.os.Build
import android.os.Looper
import android.view.View
import java.io.File
import org.robolectric.Shadows.shadowOf

/** Pictures of screens, as the platform's own drawing code makes them. */
object Screenshot {
    private val folder = File(System.getProperty("memes.screenshots") ?: "target/screenshots")

    /**
     * Draws what [activity] shows into `<SDK level>-<name>.png` in android/target/screenshots.
     *
     * [width] and [height] are in pixels; without them the screen's own size is taken.
     */
    fun take(activity: Activity, name: String, width: Int? = null, height: Int? = null): File {
        val screen = activity.resources.displayMetrics
        return take(
            activity.window.decorView,
            name,
            width ?: screen.widthPixels,
            height ?: screen.heightPixels,
        )
    }

    /** Draws [view], such as a dialog's decor view, at [width] x [height] pixels. */
    fun take(view: View, name: String, width: Int, height: Int): File {
        // Lists fill themselves in a second pass, once they know their size.
        repeat(2) {
            view.measure(exactly(width), exactly(height))
            view.layout(0, 0, width, height)
            shadowOf(Looper.getMainLooper()).idle()
        }
        val bitmap = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
        view.draw(Canvas(bitmap))
        folder.mkdirs()
        val file = File(folder, "${Build.VERSION.SDK_INT}-$name.png")
        file.outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
        return file
    }

    private fun exactly(size: Int) =
        View.MeasureSpec.makeMeasureSpec(size, View.MeasureSpec.EXACTLY)
}
