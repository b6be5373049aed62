package org.memesdetection.ui

import android.content.Context
import android.util.AttributeSet
import android.view.View
import android.view.ViewGroup
import org.memesdetection.R

/** Views side by side, on as many lines as they need. */
class FlowRow(context: Context, attributes: AttributeSet?) : ViewGroup(context, attributes) {
    private val gap = resources.getDimensionPixelSize(R.dimen.gap_half)

    override fun onMeasure(width: Int, height: Int) {
        measureChildren(
            MeasureSpec.makeMeasureSpec(MeasureSpec.getSize(width), MeasureSpec.AT_MOST),
            MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED),
        )
        val room = MeasureSpec.getSize(width)
        setMeasuredDimension(room, place(room) { _, _, _ -> })
    }

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        val room = right - left
        val mirrored = layoutDirection == View.LAYOUT_DIRECTION_RTL
        place(room) { view, x, y ->
            val start = if (mirrored) room - x - view.measuredWidth else x
            view.layout(start, y, start + view.measuredWidth, y + view.measuredHeight)
        }
    }

    /** Say where each view goes; the height of all lines. */
    private fun place(room: Int, put: (View, Int, Int) -> Unit): Int {
        var x = 0
        var y = 0
        var line = 0
        for (at in 0 until childCount) {
            val view = getChildAt(at)
            if (view.visibility == View.GONE) continue
            if (x > 0 && x + view.measuredWidth > room) {
                x = 0
                y += line + gap
                line = 0
            }
            put(view, x, y)
            x += view.measuredWidth + gap
            line = maxOf(line, view.measuredHeight)
        }
        return y + line
    }
}
