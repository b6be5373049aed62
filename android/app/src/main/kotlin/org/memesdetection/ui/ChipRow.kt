package org.memesdetection.ui

import android.content.Context
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

    init {
        isHorizontalScrollBarEnabled = false
        clipToPadding = false
        addView(row, LayoutParams(LayoutParams.WRAP_CONTENT, LayoutParams.WRAP_CONTENT))
    }

    /**
     * Offer [choices], of which one is chosen; chips that are there already are used again, so that
     * focus and scroll position stay.
     *
     * @param labels of each choice
     */
    fun <T> choose(choices: List<T>, chosen: T, labels: (T) -> CharSequence, onChosen: (T) -> Unit) {
        while (row.childCount > choices.size) row.removeViewAt(row.childCount - 1)
        choices.forEachIndexed { place, choice ->
            val chip = row.getChildAt(place) as Chip? ?: Chip(context).also(::add)
            chip.single = true
            chip.text = labels(choice)
            chip.setOnCheckedChangeListener(null)
            chip.isChecked = choice == chosen
            chip.setOnCheckedChangeListener { _, checked -> if (checked) onChosen(choice) }
        }
    }

    /** Add a view of another sort to the row's end. */
    fun add(view: View) {
        val room = LinearLayout.LayoutParams(
            ViewGroup.LayoutParams.WRAP_CONTENT,
            ViewGroup.LayoutParams.WRAP_CONTENT,
        )
        room.marginEnd = resources.getDimensionPixelSize(R.dimen.gap_half)
        row.addView(view, room)
    }
}
