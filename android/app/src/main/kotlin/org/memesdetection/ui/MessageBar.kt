package org.memesdetection.ui

import android.content.Context
import android.os.Build
import android.util.AttributeSet
import android.view.LayoutInflater
import android.view.View
import android.view.accessibility.AccessibilityManager
import android.widget.LinearLayout
import android.widget.TextView
import org.memesdetection.NeedsApi
import org.memesdetection.R

/** A bar with a sentence at the bottom of the screen, which goes by itself, and one action. */
class MessageBar(context: Context, attributes: AttributeSet?) : LinearLayout(context, attributes) {
    private val text: TextView
    private val action: TextView
    private var gone: () -> Unit = {}
    private val leave = Runnable {
        hide()
        gone()
    }

    init {
        LayoutInflater.from(context).inflate(R.layout.message_bar, this)
        setBackgroundResource(R.drawable.message_bar)
        elevation = resources.getDimension(R.dimen.message_elevation)
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        visibility = View.GONE
        text = findViewById(R.id.message_text)
        action = findViewById(R.id.message_action)
    }

    /** Say [message]; [onGone] is called once it went by itself or its action was taken. */
    fun show(message: Message, onGone: () -> Unit) {
        removeCallbacks(leave)
        gone = onGone
        text.text = message.text(resources)
        action.visibility = if (message.action == 0) View.GONE else View.VISIBLE
        if (message.action != 0) action.setText(message.action)
        action.setOnClickListener {
            leave.run()
            message.onAction()
        }
        if (visibility != View.VISIBLE) {
            visibility = View.VISIBLE
            alpha = 0f
            animate().alpha(1f).duration = FADE_MS
        }
        postDelayed(leave, time(message).toLong())
    }

    fun hide() {
        removeCallbacks(leave)
        visibility = View.GONE
    }

    private fun time(message: Message): Int {
        val usual = if (message.action == 0) READ_MS else DECIDE_MS
        return if (Build.VERSION.SDK_INT >= 29) recommended(usual) else usual
    }

    /** As long as the user's accessibility settings ask for. */
    @NeedsApi(29)
    private fun recommended(usual: Int): Int {
        val needs =
            AccessibilityManager.FLAG_CONTENT_TEXT or AccessibilityManager.FLAG_CONTENT_CONTROLS
        return context.getSystemService(AccessibilityManager::class.java)
            ?.getRecommendedTimeoutMillis(usual, needs) ?: usual
    }

    private companion object {
        const val FADE_MS = 150L
        const val READ_MS = 6_000
        const val DECIDE_MS = 10_000
    }
}
