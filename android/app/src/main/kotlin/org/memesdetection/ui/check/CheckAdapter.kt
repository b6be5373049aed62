package org.memesdetection.ui.check

import android.content.Context
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.ImageView
import android.widget.TextView
import org.memesdetection.R
import org.memesdetection.model.percent
import org.memesdetection.ui.Format
import org.memesdetection.ui.Thumbnails
import org.memesdetection.ui.VerdictBadge

/** The rows of a check: thumbnail, verdict, probability, size and why. */
class CheckAdapter(private val context: Context, private val thumbnails: Thumbnails) :
    BaseAdapter() {
    private var pictures = emptyList<Checked>()
    private val side = context.resources.getDimensionPixelSize(R.dimen.check_thumbnail)

    fun show(pictures: List<Checked>) {
        if (pictures == this.pictures) return
        this.pictures = pictures
        notifyDataSetChanged()
    }

    override fun getCount() = pictures.size

    override fun getItem(place: Int) = pictures[place]

    override fun getItemId(place: Int) = pictures[place].uri.hashCode().toLong()

    override fun hasStableIds() = true

    override fun isEnabled(place: Int) = pictures[place].outcome is Outcome.Verdicted

    override fun getView(place: Int, old: View?, parent: ViewGroup): View {
        val row = old ?: LayoutInflater.from(context).inflate(R.layout.check_row, parent, false)
        val picture = pictures[place]
        val image = row.findViewById<ImageView>(R.id.check_thumbnail)
        if (image.tag != picture.uri) {
            image.tag = picture.uri
            thumbnails.show(picture.uri, 0, image, side)
        }
        val name = row.findViewById<TextView>(R.id.check_name)
        name.text = picture.name
        val size = if (picture.bytes > 0) Format.bytes(context, picture.bytes) else ""
        val facts = row.findViewById<TextView>(R.id.check_size)
        facts.text = size
        facts.visibility = if (size.isEmpty()) View.GONE else View.VISIBLE
        val badge = row.findViewById<VerdictBadge>(R.id.check_badge)
        val probability = row.findViewById<TextView>(R.id.check_probability)
        val reason = row.findViewById<TextView>(R.id.check_reason)
        badge.visibility = if (picture.outcome == null) View.GONE else View.VISIBLE
        probability.text = ""
        when (val outcome = picture.outcome) {
            is Outcome.Verdicted -> {
                badge.show(outcome.verdict)
                probability.text = percent(outcome.probability)
                reason.text = outcome.reason(context.resources)
            }

            is Outcome.Failed -> {
                badge.showFailed()
                reason.text = outcome.error.text(context.resources)
            }

            null -> reason.setText(R.string.check_waiting)
        }
        probability.visibility = if (probability.text.isEmpty()) View.GONE else View.VISIBLE
        row.contentDescription = listOf(
            if (picture.outcome == null) "" else badge.text,
            probability.text,
            name.text,
            size,
            reason.text,
        ).filter { it.isNotEmpty() }.joinToString(", ")
        return row
    }
}
