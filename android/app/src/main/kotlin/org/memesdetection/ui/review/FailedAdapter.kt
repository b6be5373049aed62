package org.memesdetection.ui.review

import android.content.Context
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.TextView
import org.memesdetection.R
import org.memesdetection.data.Failed

/** The pictures that could not be judged, each with its sentence. */
class FailedAdapter(private val context: Context) : BaseAdapter() {
    private var failures = emptyList<Failed>()

    fun show(failures: List<Failed>) {
        if (failures === this.failures) return
        this.failures = failures
        notifyDataSetChanged()
    }

    override fun getCount() = failures.size

    override fun getItem(place: Int) = failures[place]

    override fun getItemId(place: Int) = place.toLong()

    override fun isEnabled(place: Int) = false

    override fun getView(place: Int, old: View?, parent: ViewGroup): View {
        val row = old ?: LayoutInflater.from(context).inflate(R.layout.failed_row, parent, false)
        val failed = failures[place]
        row.findViewById<TextView>(R.id.failed_name).text = failed.name
        row.findViewById<TextView>(R.id.failed_error).text = failed.error
        return row
    }
}
