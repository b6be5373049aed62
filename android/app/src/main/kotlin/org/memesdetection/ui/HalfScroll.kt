package org.memesdetection.ui

import android.content.Context
import android.util.AttributeSet
import android.widget.ScrollView

/** Scrolls what would take more than half of the room there is in height. */
class HalfScroll(context: Context, attributes: AttributeSet?) : ScrollView(context, attributes) {
    override fun onMeasure(width: Int, height: Int) {
        val bounded = MeasureSpec.getMode(height) == MeasureSpec.AT_MOST
        val half = MeasureSpec.getSize(height) / 2
        super.onMeasure(
            width,
            if (bounded) MeasureSpec.makeMeasureSpec(half, MeasureSpec.AT_MOST) else height,
        )
    }
}
