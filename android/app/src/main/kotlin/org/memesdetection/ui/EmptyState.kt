package org.memesdetection.ui

import android.content.Context
import android.util.AttributeSet
import android.view.LayoutInflater
import android.view.View
import android.widget.Button
import android.widget.ImageView
import android.widget.ScrollView
import android.widget.TextView
import org.memesdetection.R

/** Where there is nothing to show: why, and what can be done about it. */
class EmptyState(context: Context, attributes: AttributeSet?) : ScrollView(context, attributes) {
    init {
        isFillViewport = false
        LayoutInflater.from(context).inflate(R.layout.empty_state, this)
    }

    /** @param action string resource of a button, or 0 for none */
    fun show(
        icon: Int,
        title: CharSequence,
        line: CharSequence,
        action: Int = 0,
        onAction: () -> Unit = {},
    ) {
        visibility = View.VISIBLE
        findViewById<ImageView>(R.id.empty_icon).setImageResource(icon)
        findViewById<TextView>(R.id.empty_title).text = title
        findViewById<TextView>(R.id.empty_line).text = line
        val button = findViewById<Button>(R.id.empty_action)
        button.visibility = if (action == 0) View.GONE else View.VISIBLE
        if (action != 0) button.setText(action)
        button.setOnClickListener { onAction() }
    }

    fun hide() {
        visibility = View.GONE
    }
}
