package org.memesdetection.ui

import android.content.Context
import android.graphics.Canvas
import android.graphics.Path
import android.util.AttributeSet
import android.widget.ImageView
import org.memesdetection.R

/** A square picture with round corners. */
class RoundImage(context: Context, attributes: AttributeSet?) : ImageView(context, attributes) {
    private val outline = Path()
    private val radius = resources.getDimension(R.dimen.card_radius)

    override fun onMeasure(width: Int, height: Int) {
        super.onMeasure(width, height)
        setMeasuredDimension(measuredWidth, measuredWidth)
    }

    override fun onSizeChanged(width: Int, height: Int, oldWidth: Int, oldHeight: Int) {
        super.onSizeChanged(width, height, oldWidth, oldHeight)
        outline.reset()
        outline.addRoundRect(
            0f,
            0f,
            width.toFloat(),
            height.toFloat(),
            radius,
            radius,
            Path.Direction.CW,
        )
    }

    override fun draw(canvas: Canvas) {
        canvas.clipPath(outline)
        super.draw(canvas)
    }
}
