package org.memesdetection.ui

import android.content.ContentResolver
import android.graphics.Bitmap
import android.net.Uri
import android.os.Build
import android.os.CancellationSignal
import android.os.Handler
import android.os.Looper
import android.util.LruCache
import android.util.Size
import android.widget.ImageView
import java.util.concurrent.ThreadPoolExecutor
import org.memesdetection.NeedsApi
import org.memesdetection.R

/** Small pictures for the grids, made off the main thread and kept in memory while there is room. */
class Thumbnails(
    private val resolver: ContentResolver,
    private val executor: ThreadPoolExecutor,
    memory: Long = Runtime.getRuntime().maxMemory() / 8,
) {
    private val main = Handler(Looper.getMainLooper())
    private val cache = object : LruCache<Key, Bitmap>(
        minOf(memory, Int.MAX_VALUE.toLong()).toInt(),
    ) {
        override fun sizeOf(key: Key, value: Bitmap) = value.allocationByteCount
    }

    private data class Key(val uri: Uri, val version: Long, val side: Int)

    private inner class Job(val key: Key, val view: ImageView) : Runnable {
        val cancelled = CancellationSignal()

        override fun run() {
            if (cancelled.isCanceled) return
            val made = make(key, cancelled)
            if (made != null) cache.put(key, made)
            main.post { if (view.getTag(R.id.thumbnail) === this) show(view, made) }
        }
    }

    /**
     * Show the picture in [view], whatever it showed or waited for before. One that cannot be shown
     * is drawn as broken.
     *
     * @param version changes with the picture's content, such as when it was modified
     * @param side of the view's longer side in pixels
     */
    fun show(uri: Uri, version: Long, view: ImageView, side: Int) {
        cancel(view)
        val key = Key(uri, version, side)
        val known = cache[key]
        if (known != null) {
            show(view, known)
            return
        }
        view.setImageDrawable(null)
        val job = Job(key, view)
        view.setTag(R.id.thumbnail, job)
        executor.execute(job)
    }

    /** Stop making what [view] waits for. */
    fun cancel(view: ImageView) {
        val job = view.getTag(R.id.thumbnail) as? Thumbnails.Job ?: return
        view.setTag(R.id.thumbnail, null)
        job.cancelled.cancel()
        executor.remove(job)
    }

    /** Give all memory back. */
    fun clear() = cache.evictAll()

    private fun show(view: ImageView, made: Bitmap?) {
        view.setTag(R.id.thumbnail, null)
        if (made == null) {
            view.scaleType = ImageView.ScaleType.CENTER
            view.setImageResource(R.drawable.ic_broken)
        } else {
            view.scaleType = ImageView.ScaleType.CENTER_CROP
            view.setImageBitmap(made)
        }
    }

    private fun make(key: Key, cancelled: CancellationSignal): Bitmap? = Pictures.orNull {
        if (Build.VERSION.SDK_INT >= 29) load(key, cancelled) else decode(key)
    }

    @NeedsApi(29)
    private fun load(key: Key, cancelled: CancellationSignal) =
        resolver.loadThumbnail(key.uri, Size(key.side, key.side), cancelled)

    private fun decode(key: Key): Bitmap? =
        Pictures.decodeSampled(resolver, key.uri) { width, height ->
            maxOf(1, Integer.highestOneBit(minOf(width, height) / key.side))
        }
}
