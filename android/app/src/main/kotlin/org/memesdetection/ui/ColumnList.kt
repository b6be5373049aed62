package org.memesdetection.ui

import android.content.Context
import android.util.AttributeSet
import android.widget.ListView
import org.memesdetection.R

/** A list whose rows are no wider than text reads well, in the middle of what is wider. */
class ColumnList(context: Context, attributes: AttributeSet?) : ListView(context, attributes) {
    private val most = resources.getDimensionPixelSize(R.dimen.column)
    private val least = resources.getDimensionPixelSize(R.dimen.gap)

    override fun onMeasure(width: Int, height: Int) {
        val side = maxOf(least, (MeasureSpec.getSize(width) - most) / 2)
        if (side != paddingStart) setPaddingRelative(side, paddingTop, side, paddingBottom)
        super.onMeasure(width, height)
    }
}
