package org.memesdetection.ui

import android.content.Context
import android.util.AttributeSet
import android.widget.CheckBox
import android.widget.CompoundButton
import android.widget.RadioButton
import org.memesdetection.R

/**
 * A pill to choose with. In a row of which one is chosen it says so to TalkBack ([single]), and a
 * click on the chosen one changes nothing.
 */
open class Chip(context: Context, attributes: AttributeSet? = null) :
    CompoundButton(context, attributes, 0, R.style.Chip) {
    /** Whether it is one of several of which exactly one is chosen. */
    var single = false

    override fun toggle() {
        if (!single || !isChecked) super.toggle()
    }

    override fun getAccessibilityClassName(): CharSequence =
        if (single) RadioButton::class.java.name else CheckBox::class.java.name
}
