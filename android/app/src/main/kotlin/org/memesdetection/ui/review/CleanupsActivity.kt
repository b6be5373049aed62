package org.memesdetection.ui.review

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.ListView
import android.widget.TextView
import org.memesdetection.R
import org.memesdetection.cleaning.Cleanup
import org.memesdetection.ui.EmptyState
import org.memesdetection.ui.Format

/** What went to the trash and when, with the way back. */
class CleanupsActivity : CleaningScreen<CleanupsModel>() {
    private val rows = Rows()

    override fun createModel(saved: Bundle?) = CleanupsModel(app, saved)

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.cleanups)
        setTitle(R.string.cleanups_title)
        findViewById<ListView>(R.id.scrolling).adapter = rows
        model.state.draw(::draw)
    }

    override fun onStart() {
        super.onStart()
        model.refresh()
    }

    private fun draw(cleanups: List<Cleanup>?) {
        rows.show(cleanups.orEmpty())
        val empty = findViewById<EmptyState>(R.id.cleanups_empty)
        if (cleanups?.isEmpty() == true) {
            empty.show(
                R.drawable.ic_history,
                getString(R.string.cleanups_empty_title),
                getString(R.string.cleanups_empty),
            )
        } else {
            empty.hide()
        }
    }

    private inner class Rows : BaseAdapter() {
        private var cleanups = emptyList<Cleanup>()

        fun show(cleanups: List<Cleanup>) {
            this.cleanups = cleanups
            notifyDataSetChanged()
        }

        override fun getCount() = cleanups.size

        override fun getItem(place: Int) = cleanups[place]

        override fun getItemId(place: Int) = cleanups[place].number

        override fun isEnabled(place: Int) = false

        override fun getView(place: Int, old: View?, parent: ViewGroup): View {
            val row = old
                ?: LayoutInflater.from(parent.context).inflate(R.layout.cleanup_row, parent, false)
            val cleanup = cleanups[place]
            row.findViewById<TextView>(R.id.cleanup_what).text = resources.getQuantityString(
                R.plurals.review_selected,
                cleanup.count,
                cleanup.count,
                Format.bytes(resources, cleanup.bytes),
            )
            val expired = cleanup.expires < System.currentTimeMillis()
            row.findViewById<TextView>(R.id.cleanup_when).text = state(cleanup, expired)
            val undo = row.findViewById<View>(R.id.cleanup_undo)
            undo.visibility = if (cleanup.undone || expired) View.GONE else View.VISIBLE
            undo.setOnClickListener { model.undo(listOf(cleanup.number)) }
            return row
        }
    }

    private fun state(cleanup: Cleanup, expired: Boolean): String {
        val day = Format.dayAndTime(this, cleanup.time)
        return when {
            cleanup.undone -> getString(R.string.cleanups_undone, day)
            expired -> getString(R.string.cleanups_expired, day)
            else -> getString(R.string.cleanups_until, day, Format.day(this, cleanup.expires))
        }
    }

    companion object {
        fun intent(context: Context) = Intent(context, CleanupsActivity::class.java)
    }
}
