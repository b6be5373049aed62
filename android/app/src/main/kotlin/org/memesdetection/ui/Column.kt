package org.memesdetection.ui

import android.content.Context
import android.util.AttributeSet
import android.widget.LinearLayout
import org.memesdetection.R

/** A LinearLayout no wider than text reads well; centre it in what is wider. */
class Column(context: Context, attributes: AttributeSet?) : LinearLayout(context, attributes) {
    override fun onMeasure(width: Int, height: Int) {
        val most = resources.getDimensionPixelSize(R.dimen.column)
        val narrowed = if (MeasureSpec.getSize(width) > most) {
            MeasureSpec.makeMeasureSpec(most, MeasureSpec.getMode(width))
        } else {
            width
        }
        super.onMeasure(narrowed, height)
    }
}
