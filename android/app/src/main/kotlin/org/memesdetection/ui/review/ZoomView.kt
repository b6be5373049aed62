package org.memesdetection.ui.review

import android.animation.ValueAnimator
import android.content.Context
import android.graphics.Bitmap
import android.graphics.Matrix
import android.graphics.RectF
import android.view.GestureDetector
import android.view.MotionEvent
import android.view.ScaleGestureDetector
import android.widget.ImageView

/** A picture that fits its view, to be enlarged by pinching and by double taps, and moved. */
class ZoomView(context: Context) : ImageView(context) {
    private val fit = Matrix()
    private val drawn = Matrix()
    private val bounds = RectF()

    /** How much larger than fitting, 1-6. */
    var zoom = 1f
        private set

    private val pinches = ScaleGestureDetector(
        context,
        object : ScaleGestureDetector.SimpleOnScaleGestureListener() {
            override fun onScale(detector: ScaleGestureDetector): Boolean {
                zoomTo(zoom * detector.scaleFactor, detector.focusX, detector.focusY)
                return true
            }
        },
    )

    private val gestures = GestureDetector(
        context,
        object : GestureDetector.SimpleOnGestureListener() {
            override fun onDown(event: MotionEvent) = true

            override fun onDoubleTap(event: MotionEvent): Boolean {
                val target = if (zoom > 1.01f) 1f else DOUBLE
                ValueAnimator.ofFloat(zoom, target).apply {
                    addUpdateListener { zoomTo(it.animatedValue as Float, event.x, event.y) }
                    duration = ZOOM_MS
                }.start()
                return true
            }

            override fun onScroll(
                down: MotionEvent?,
                event: MotionEvent,
                dx: Float,
                dy: Float,
            ): Boolean {
                if (zoom <= 1f) return false
                drawn.postTranslate(-dx, -dy)
                settle()
                return true
            }

            override fun onSingleTapConfirmed(event: MotionEvent) = performClick()
        },
    )

    init {
        scaleType = ScaleType.MATRIX
    }

    /** Show a picture; another drawing of the same ([same]) stays enlarged as it is. */
    fun show(picture: Bitmap?, same: Boolean) {
        val before = drawable
        val ratio = before?.run { intrinsicWidth * 1f / intrinsicHeight }
        setImageBitmap(picture)
        val alike = same && ratio != null && picture != null &&
            Math.abs(ratio - picture.width * 1f / picture.height) < 0.02f
        val old = zoom
        fit()
        if (alike && old > 1f) zoomTo(old, width / 2f, height / 2f)
    }

    /** Whether the picture can still be moved that way, so that a swipe does not turn the page. */
    override fun canScrollHorizontally(direction: Int): Boolean {
        if (zoom <= 1.01f) return false
        val shown = shown()
        return if (direction > 0) shown.right > width + 1 else shown.left < -1
    }

    override fun onSizeChanged(width: Int, height: Int, oldWidth: Int, oldHeight: Int) {
        super.onSizeChanged(width, height, oldWidth, oldHeight)
        fit()
    }

    override fun onTouchEvent(event: MotionEvent): Boolean {
        pinches.onTouchEvent(event)
        if (!pinches.isInProgress) gestures.onTouchEvent(event)
        if (event.pointerCount > 1) parent?.requestDisallowInterceptTouchEvent(true)
        return true
    }

    private fun fit() {
        zoom = 1f
        val size = drawable ?: return
        if (width == 0 || size.intrinsicWidth <= 0) return
        fit.setRectToRect(
            RectF(0f, 0f, size.intrinsicWidth.toFloat(), size.intrinsicHeight.toFloat()),
            RectF(0f, 0f, width.toFloat(), height.toFloat()),
            Matrix.ScaleToFit.CENTER,
        )
        drawn.set(fit)
        imageMatrix = drawn
    }

    private fun zoomTo(wanted: Float, x: Float, y: Float) {
        val next = wanted.coerceIn(1f, MOST)
        drawn.postScale(next / zoom, next / zoom, x, y)
        zoom = next
        settle()
    }

    /** Keep the picture on the screen: centred where it is smaller, without gaps where larger. */
    private fun settle() {
        val shown = shown()
        drawn.postTranslate(
            correction(shown.left, shown.right, width),
            correction(shown.top, shown.bottom, height),
        )
        imageMatrix = drawn
    }

    private fun correction(start: Float, end: Float, room: Int): Float = when {
        end - start <= room -> (room - end - start) / 2
        start > 0 -> -start
        end < room -> room - end
        else -> 0f
    }

    private fun shown(): RectF {
        val size = drawable
        bounds.set(
            0f,
            0f,
            size?.intrinsicWidth?.toFloat() ?: 0f,
            size?.intrinsicHeight?.toFloat() ?: 0f,
        )
        drawn.mapRect(bounds)
        return bounds
    }

    private companion object {
        const val DOUBLE = 2.5f
        const val MOST = 6f
        const val ZOOM_MS = 180L
    }
}
