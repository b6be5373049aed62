package org.memesdetection.ui

import android.content.Context
import android.graphics.Rect
import android.util.AttributeSet
import android.view.View
import android.view.ViewGroup
import android.widget.HorizontalScrollView
import android.widget.LinearLayout
import org.memesdetection.R

/** Chips in a row that scrolls sideways where they need more room than there is. */
class ChipRow(context: Context, attributes: AttributeSet?) :
    HorizontalScrollView(context, attributes) {
    private val row = LinearLayout(context)
    private val chips = mutableListOf<Chip>()
    private var shown: View? = null
    private var wide = 0

    init {
        isHorizontalScrollBarEnabled = false
        clipToPadding = false
        addView(row, LayoutParams(LayoutParams.WRAP_CONTENT, LayoutParams.WRAP_CONTENT))
    }

    /**
     * Offer [choices], of which one is chosen. Chips that are there already are used again, so that
     * focus and scroll position stay.
     */
    fun <T> choose(choices: List<T>, chosen: T, label: (T) -> CharSequence, onChosen: (T) -> Unit) {
        while (chips.size > choices.size) row.removeView(chips.removeAt(chips.size - 1))
        while (chips.size < choices.size) {
            val chip = Chip(context)
            chip.single = true
            add(chip, chips.size)
            chips.add(chip)
        }
        for ((chip, choice) in chips.zip(choices)) {
            chip.text = label(choice)
            chip.setOnCheckedChangeListener(null)
            chip.isChecked = choice == chosen
            chip.setOnCheckedChangeListener { _, checked -> if (checked) onChosen(choice) }
            if (chip.isChecked && shown !== chip) {
                shown = chip
                wide = 0
                requestLayout()
            }
        }
    }

    // A chip that is chosen is seen; from right to left, the row's beginning otherwise.
    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        super.onLayout(changed, left, top, right, bottom)
        if (wide == row.width) return
        wide = row.width
        val view = shown ?: row.getChildAt(0) ?: return
        // Of this row alone: asking the view would scroll the whole screen there.
        requestChildRectangleOnScreen(row, Rect(view.left, view.top, view.right, view.bottom), true)
    }

    /** Put another view into the row, at its end or at a [place]. */
    fun add(view: View, place: Int = row.childCount) {
        val room = LinearLayout.LayoutParams(
            ViewGroup.LayoutParams.WRAP_CONTENT,
            ViewGroup.LayoutParams.WRAP_CONTENT,
        )
        room.marginEnd = resources.getDimensionPixelSize(R.dimen.gap_half)
        row.addView(view, place, room)
    }
}
