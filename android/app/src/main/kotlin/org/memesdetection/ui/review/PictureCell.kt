package org.memesdetection.ui.review

import android.content.Context
import android.util.AttributeSet
import android.view.LayoutInflater
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.CheckBox
import android.widget.LinearLayout
import android.widget.TextView
import org.memesdetection.R
import org.memesdetection.data.Judged
import org.memesdetection.model.percent
import org.memesdetection.ui.Format
import org.memesdetection.ui.RoundImage
import org.memesdetection.ui.Thumbnails
import org.memesdetection.ui.VerdictBadge

/** One picture of the grid: thumbnail, verdict, probability, size and date. */
class PictureCell(context: Context, attributes: AttributeSet? = null) :
    LinearLayout(context, attributes) {
    private val thumbnail: RoundImage
    private val badge: VerdictBadge
    private val check: CheckBox
    private val probability: TextView
    private val facts: TextView
    private var chosen = false

    init {
        orientation = VERTICAL
        val room = resources.getDimensionPixelSize(R.dimen.gap_half) / 2
        setPadding(room, room, room, 2 * room)
        // A view that takes the focus itself would keep the grid from hearing clicks.
        descendantFocusability = FOCUS_BLOCK_DESCENDANTS
        LayoutInflater.from(context).inflate(R.layout.picture_cell, this)
        thumbnail = findViewById(R.id.cell_thumbnail)
        badge = findViewById(R.id.cell_badge)
        check = findViewById(R.id.cell_check)
        probability = findViewById(R.id.cell_probability)
        facts = findViewById(R.id.cell_facts)
    }

    /**
     * Show [picture].
     *
     * @param side of the thumbnail in pixels
     * @param onCheck the circle was pressed
     */
    fun show(
        picture: Judged,
        selected: Boolean,
        thumbnails: Thumbnails,
        side: Int,
        onCheck: () -> Unit,
    ) {
        thumbnails.show(picture.uri, picture.modified, thumbnail, side)
        badge.show(picture.verdict, picture.mark)
        probability.text = percent(picture.probability)
        val size = Format.bytes(resources, picture.bytes)
        val day = Format.day(context, picture.taken)
        facts.text = resources.getString(R.string.review_facts, size, day)
        mark(selected)
        check.contentDescription = resources.getString(R.string.review_select_one, picture.name)
        check.setOnClickListener { onCheck() }
        contentDescription = resources.getString(
            R.string.review_cell,
            badge.text,
            probability.text,
            size,
            day,
            picture.name,
        )
    }

    /** Show whether the picture is selected. */
    fun mark(selected: Boolean) {
        chosen = selected
        check.isChecked = selected
        setBackgroundResource(if (selected) R.drawable.cell_selected else 0)
    }

    override fun onInitializeAccessibilityNodeInfo(info: AccessibilityNodeInfo) {
        super.onInitializeAccessibilityNodeInfo(info)
        info.isCheckable = true
        info.isChecked = chosen
    }
}
