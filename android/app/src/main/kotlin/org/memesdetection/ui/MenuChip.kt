package org.memesdetection.ui

import android.content.Context
import android.view.Menu
import android.widget.PopupMenu
import android.widget.Spinner
import org.memesdetection.R

/** A chip that opens a menu of which one entry is chosen; marked while that is not the first. */
class MenuChip(context: Context) : Chip(context) {
    init {
        setCompoundDrawablesRelativeWithIntrinsicBounds(0, 0, R.drawable.ic_down, 0)
        compoundDrawablePadding = resources.getDimensionPixelSize(R.dimen.gap_half) / 2
    }

    /**
     * Offer [choices].
     *
     * @param spoken string resource with one argument: what TalkBack says is chosen
     */
    fun <T> offer(
        choices: List<T>,
        chosen: T,
        spoken: Int,
        label: (T) -> CharSequence,
        onChosen: (T) -> Unit,
    ) {
        text = label(chosen)
        contentDescription = resources.getString(spoken, text)
        isChecked = chosen != choices.first()
        setOnClickListener {
            val menu = PopupMenu(context, this)
            choices.forEachIndexed { place, choice ->
                menu.menu.add(0, place, Menu.NONE, label(choice)).isChecked = choice == chosen
            }
            menu.menu.setGroupCheckable(0, true, true)
            menu.setOnMenuItemClickListener { item ->
                onChosen(choices[item.itemId])
                true
            }
            menu.show()
        }
    }

    override fun toggle() {}

    override fun getAccessibilityClassName(): CharSequence = Spinner::class.java.name
}
