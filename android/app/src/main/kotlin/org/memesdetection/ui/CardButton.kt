package org.memesdetection.ui

import android.content.Context
import android.util.AttributeSet
import android.view.Gravity
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.TextView
import org.memesdetection.R

/**
 * A card to press: an icon, a title and, where it helps, a line below. With the orientation
 * `vertical` the icon stands above the title.
 */
class CardButton(context: Context, attributes: AttributeSet?) : LinearLayout(context, attributes) {
    private val title: TextView
    private val line: TextView

    init {
        LayoutInflater.from(context).inflate(R.layout.card_button, this)
        isClickable = true
        isFocusable = true
        minimumHeight = resources.getDimensionPixelSize(R.dimen.card_button)
        val room = resources.getDimensionPixelSize(R.dimen.gap)
        setPaddingRelative(room, room * 3 / 4, room, room * 3 / 4)
        if (orientation == VERTICAL) stand(room) else gravity = Gravity.CENTER_VERTICAL
        title = findViewById(R.id.card_title)
        line = findViewById(R.id.card_line)
        val values = context.obtainStyledAttributes(attributes, R.styleable.CardButton)
        title.text = values.getText(R.styleable.CardButton_title)
        setLine(values.getText(R.styleable.CardButton_line))
        setBackgroundResource(GROUNDS[values.getInt(R.styleable.CardButton_place, 0)])
        findViewById<ImageView>(R.id.card_icon)
            .setImageDrawable(values.getDrawable(R.styleable.CardButton_icon))
        values.recycle()
    }

    /** The line below the title; null for none. */
    fun setLine(text: CharSequence?) {
        line.text = text
        line.visibility = if (text.isNullOrEmpty()) View.GONE else View.VISIBLE
    }

    override fun getAccessibilityClassName(): CharSequence = Button::class.java.name

    private fun stand(room: Int) {
        val texts = findViewById<View>(R.id.card_texts).layoutParams as LayoutParams
        texts.width = ViewGroup.LayoutParams.MATCH_PARENT
        texts.weight = 0f
        texts.topMargin = room * 3 / 4
    }

    private companion object {
        val GROUNDS = intArrayOf(
            R.drawable.card_button,
            R.drawable.card_top,
            R.drawable.card_middle,
            R.drawable.card_bottom,
        )
    }
}
