package org.memesdetection.ui.verdicts

import android.content.Context
import android.text.format.DateUtils
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.TextView
import org.memesdetection.R
import org.memesdetection.data.Judged
import org.memesdetection.model.Verdict
import org.memesdetection.model.percent
import org.memesdetection.ui.VerdictBadge

/** The rows of the table. */
class VerdictsAdapter(private val context: Context) : BaseAdapter() {
    private var rows = emptyList<Judged>()

    fun show(rows: List<Judged>) {
        if (rows === this.rows) return
        this.rows = rows
        notifyDataSetChanged()
    }

    override fun getCount() = rows.size

    override fun getItem(place: Int) = rows[place]

    override fun getItemId(place: Int) = rows[place].uri.hashCode().toLong()

    override fun getView(place: Int, old: View?, parent: ViewGroup): View {
        val view = old ?: LayoutInflater.from(context).inflate(R.layout.verdicts_row, parent, false)
        val row = rows[place]
        val badge = view.findViewById<VerdictBadge>(R.id.row_verdict)
        badge.show(row.verdict)
        val time = DateUtils.formatDateTime(context, row.judgedAt, WHEN)
        val correction = when (row.mark) {
            Verdict.MEME -> context.getString(R.string.verdict_marked)
            Verdict.NOT_MEME -> context.getString(R.string.verdict_kept)
            else -> ""
        }
        val texts = mapOf(
            R.id.row_name to row.name,
            R.id.row_folder to row.folder.trimEnd('/'),
            R.id.row_probability to percent(row.probability),
            R.id.row_when to time,
            R.id.row_model to row.model,
            R.id.row_correction to correction,
        )
        for ((id, text) in texts) view.findViewById<TextView>(id).text = text
        val folder = view.findViewById<View>(R.id.row_folder)
        folder.visibility = if (row.folder.isEmpty()) View.GONE else View.VISIBLE
        view.contentDescription = context.getString(
            if (correction.isEmpty()) R.string.verdicts_row else R.string.verdicts_row_corrected,
            row.name,
            badge.text,
            percent(row.probability),
            time,
            row.model,
            correction,
        )
        return view
    }

    private companion object {
        const val WHEN = DateUtils.FORMAT_SHOW_DATE or DateUtils.FORMAT_SHOW_TIME or
            DateUtils.FORMAT_ABBREV_ALL
    }
}
