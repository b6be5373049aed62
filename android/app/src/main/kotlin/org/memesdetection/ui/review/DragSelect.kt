package org.memesdetection.ui.review

import android.view.HapticFeedbackConstants
import android.view.MotionEvent
import android.view.View
import android.widget.AbsListView
import android.widget.AdapterView

/**
 * Selects what lies between where a long press begins and where the finger goes. At the list's ends
 * the list scrolls along.
 *
 * @param begin the press: whether the picture at this place gets selected
 * @param drag the finger has come from the first place to the second; either may be the larger
 */
class DragSelect(
    private val list: AbsListView,
    private val begin: (Int) -> Boolean,
    private val drag: (Int, Int) -> Unit,
) : View.OnTouchListener,
    AdapterView.OnItemLongClickListener {
    private var from = AdapterView.INVALID_POSITION
    private var to = from
    private var x = 0
    private var y = 0
    private val edge = (EDGE_DP * list.resources.displayMetrics.density).toInt()

    private val scroll = object : Runnable {
        override fun run() {
            val step = when {
                y < edge -> y - edge
                y > list.height - edge -> y - list.height + edge
                else -> 0
            }
            if (from < 0 || step == 0) return
            list.scrollListBy(step / 3)
            reach()
            list.postOnAnimation(this)
        }
    }

    init {
        list.setOnTouchListener(this)
        list.onItemLongClickListener = this
    }

    override fun onItemLongClick(
        parent: AdapterView<*>,
        view: View,
        place: Int,
        id: Long,
    ): Boolean {
        if (begin(place)) {
            from = place
            to = place
            list.parent.requestDisallowInterceptTouchEvent(true)
        }
        list.performHapticFeedback(HapticFeedbackConstants.LONG_PRESS)
        return true
    }

    override fun onTouch(view: View, event: MotionEvent): Boolean {
        if (from < 0) return false
        when (event.actionMasked) {
            MotionEvent.ACTION_MOVE -> {
                x = event.x.toInt()
                y = event.y.toInt()
                reach()
                list.removeCallbacks(scroll)
                list.postOnAnimation(scroll)
            }

            MotionEvent.ACTION_UP, MotionEvent.ACTION_CANCEL -> {
                from = AdapterView.INVALID_POSITION
                list.removeCallbacks(scroll)
                // The list must hear of the end, too, or it stays pressed.
                return false
            }
        }
        return true
    }

    private fun reach() {
        val place = list.pointToPosition(x, y)
        if (place < 0 || place == to) return
        to = place
        drag(from, to)
    }

    private companion object {
        const val EDGE_DP = 64
    }
}
