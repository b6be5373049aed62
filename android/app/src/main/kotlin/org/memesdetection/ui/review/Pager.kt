package org.memesdetection.ui.review

import android.animation.Animator
import android.animation.AnimatorListenerAdapter
import android.animation.ValueAnimator
import android.content.Context
import android.os.Bundle
import android.util.AttributeSet
import android.view.KeyEvent
import android.view.MotionEvent
import android.view.VelocityTracker
import android.view.View
import android.view.ViewConfiguration
import android.view.ViewGroup
import android.view.accessibility.AccessibilityEvent
import android.view.accessibility.AccessibilityNodeInfo
import kotlin.math.abs

/**
 * Pages side by side, one on the screen; a swipe turns to the next. It holds three: the one shown
 * and its neighbours. From right to left where the language reads so.
 */
class Pager(context: Context, attributes: AttributeSet?) : ViewGroup(context, attributes) {
    /** Fill a page with what belongs to a place, or with nothing where there is no such place. */
    var draw: (ZoomView, Int) -> Unit = { _, _ -> }

    /** The user turned to a place. */
    var onTurn: (Int) -> Unit = {}

    private val pages = List(3) { ZoomView(context) }
    private val slop = ViewConfiguration.get(context).scaledPagingTouchSlop
    private val fling = ViewConfiguration.get(context).scaledMinimumFlingVelocity * 4
    private val gap = (GAP_DP * resources.displayMetrics.density).toInt()
    private var place = 0
    private var count = 0
    private var offset = 0f
    private var downX = 0f
    private var downY = 0f
    private var dragging = false
    private var speed: VelocityTracker? = null
    private var turning: ValueAnimator? = null

    init {
        pages.forEach(::addView)
        isFocusable = true
    }

    private val direction: Int get() = if (layoutDirection == View.LAYOUT_DIRECTION_RTL) -1 else 1

    /** Show [place] of [count] pages. */
    fun show(place: Int, count: Int) {
        if (dragging || turning != null) return
        this.place = place
        this.count = count
        refresh()
    }

    private fun page(place: Int) = pages[Math.floorMod(place, 3)]

    private fun refresh() {
        for (one in place - 1..place + 1) draw(page(one), one)
        // Only what is seen is there for TalkBack.
        pages.forEach {
            it.importantForAccessibility =
                if (it === page(place)) {
                    View.IMPORTANT_FOR_ACCESSIBILITY_YES
                } else {
                    View.IMPORTANT_FOR_ACCESSIBILITY_NO
                }
        }
        arrange()
    }

    private fun arrange() {
        for (one in place - 1..place + 1) {
            page(one).translationX = (one - place) * direction * (width + gap) + offset
        }
    }

    override fun onMeasure(width: Int, height: Int) {
        super.onMeasure(width, height)
        measureChildren(exactly(measuredWidth), exactly(measuredHeight))
    }

    private fun exactly(size: Int) = MeasureSpec.makeMeasureSpec(size, MeasureSpec.EXACTLY)

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        pages.forEach { it.layout(0, 0, right - left, bottom - top) }
        arrange()
    }

    override fun onInterceptTouchEvent(event: MotionEvent): Boolean {
        when (event.actionMasked) {
            MotionEvent.ACTION_DOWN -> {
                downX = event.x
                downY = event.y
                dragging = false
            }

            MotionEvent.ACTION_MOVE -> {
                val dx = event.x - downX
                val dy = event.y - downY
                val sideways = abs(dx) > slop && abs(dx) > abs(dy) * 1.5f
                if (sideways && event.pointerCount == 1 && turning == null &&
                    !page(place).canScrollHorizontally(if (dx < 0) 1 else -1)
                ) {
                    dragging = true
                    downX = event.x
                    speed = VelocityTracker.obtain()
                    parent.requestDisallowInterceptTouchEvent(true)
                }
            }
        }
        return dragging
    }

    override fun onTouchEvent(event: MotionEvent): Boolean {
        if (!dragging) return event.actionMasked == MotionEvent.ACTION_DOWN
        speed?.addMovement(event)
        when (event.actionMasked) {
            MotionEvent.ACTION_MOVE -> {
                offset = event.x - downX
                // At the ends it follows unwillingly.
                if (target(offset) == place) offset /= 3
                arrange()
            }

            MotionEvent.ACTION_UP -> release()

            MotionEvent.ACTION_CANCEL -> {
                speed?.clear()
                release()
            }
        }
        return true
    }

    /** The place that a drag of so many pixels leads to. */
    private fun target(dragged: Float): Int =
        (place + (if (dragged < 0) direction else -direction)).coerceIn(0, maxOf(0, count - 1))

    private fun release() {
        dragging = false
        val tracker = speed
        speed = null
        tracker?.computeCurrentVelocity(1000)
        val velocity = tracker?.xVelocity ?: 0f
        tracker?.recycle()
        val flung = abs(velocity) > fling && velocity * offset > 0
        turn(if (flung || abs(offset) > width / 2) target(offset) else place)
    }

    private fun turn(to: Int) {
        val end = -(to - place) * direction * (width + gap).toFloat()
        turning = ValueAnimator.ofFloat(offset, end).apply {
            duration = TURN_MS
            addUpdateListener {
                offset = it.animatedValue as Float
                arrange()
            }
            addListener(object : AnimatorListenerAdapter() {
                override fun onAnimationEnd(animation: Animator) {
                    turning = null
                    offset = 0f
                    val turned = to != place
                    place = to
                    refresh()
                    if (turned) onTurn(to)
                }
            })
            start()
        }
    }

    /** Turn by so many pages, as by a key or TalkBack. */
    private fun step(by: Int): Boolean {
        val to = place + by
        if (to !in 0 until count || turning != null) return false
        turn(to)
        return true
    }

    override fun onKeyDown(code: Int, event: KeyEvent): Boolean = when (code) {
        KeyEvent.KEYCODE_DPAD_LEFT -> step(-direction)
        KeyEvent.KEYCODE_DPAD_RIGHT -> step(direction)
        else -> false
    } || super.onKeyDown(code, event)

    override fun onInitializeAccessibilityNodeInfo(info: AccessibilityNodeInfo) {
        super.onInitializeAccessibilityNodeInfo(info)
        info.isScrollable = count > 1
        if (place <
            count - 1
        ) {
            info.addAction(AccessibilityNodeInfo.AccessibilityAction.ACTION_SCROLL_FORWARD)
        }
        if (place >
            0
        ) {
            info.addAction(AccessibilityNodeInfo.AccessibilityAction.ACTION_SCROLL_BACKWARD)
        }
    }

    override fun onInitializeAccessibilityEvent(event: AccessibilityEvent) {
        super.onInitializeAccessibilityEvent(event)
        event.isScrollable = count > 1
    }

    override fun performAccessibilityAction(action: Int, arguments: Bundle?): Boolean =
        when (action) {
            AccessibilityNodeInfo.ACTION_SCROLL_FORWARD -> step(1)
            AccessibilityNodeInfo.ACTION_SCROLL_BACKWARD -> step(-1)
            else -> super.performAccessibilityAction(action, arguments)
        }

    override fun getAccessibilityClassName(): CharSequence = "android.widget.ViewPager"

    private companion object {
        const val GAP_DP = 16
        const val TURN_MS = 220L
    }
}
