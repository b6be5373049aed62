package org.memesdetection.ui.verdicts

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.os.Bundle
import android.text.Editable
import android.text.TextWatcher
import android.view.Menu
import android.view.MenuItem
import android.view.View
import android.widget.EditText
import android.widget.ListView
import android.widget.TextView
import org.memesdetection.R
import org.memesdetection.data.Judged
import org.memesdetection.ui.EmptyState
import org.memesdetection.ui.Message
import org.memesdetection.ui.Screen
import org.memesdetection.ui.home.HomeActivity
import org.memesdetection.ui.review.Filter
import org.memesdetection.ui.review.PictureActivity
import org.memesdetection.ui.review.Shown

/** The table of all verdicts: order, search, export. */
class VerdictsActivity : Screen<VerdictsModel>() {
    private lateinit var list: ListView
    private lateinit var rows: VerdictsAdapter
    private var placed = false

    override fun createModel(saved: Bundle?) = VerdictsModel(app, saved)

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.verdicts)
        setTitle(R.string.verdicts_title)
        rows = VerdictsAdapter(this)
        list = findViewById(R.id.scrolling)
        list.adapter = rows
        list.setOnItemClickListener { parent, _, place, _ ->
            val picture = (parent.getItemAtPosition(place) as Judged).uri
            startActivity(PictureActivity.intent(this, picture, Filter(shown = Shown.ALL)))
        }
        for (column in Column.values()) {
            findViewById<View>(column.head).setOnClickListener { model.order(column) }
        }
        val search = findViewById<EditText>(R.id.verdicts_search)
        search.isSaveEnabled = false
        search.setText(model.state.value.search)
        search.addTextChangedListener(object : TextWatcher {
            override fun beforeTextChanged(text: CharSequence, at: Int, old: Int, new: Int) {}

            override fun onTextChanged(text: CharSequence, at: Int, old: Int, new: Int) {}

            override fun afterTextChanged(text: Editable) = model.search(text.toString())
        })
        model.state.draw(::draw)
    }

    override fun onStart() {
        super.onStart()
        model.refresh()
    }

    override fun onPause() {
        if (placed) model.position = list.firstVisiblePosition
        super.onPause()
    }

    override fun onCreateOptionsMenu(menu: Menu): Boolean {
        menu.add(0, R.id.verdicts_export, 0, R.string.verdicts_export)
            .setIcon(R.drawable.ic_share)
            .setShowAsAction(MenuItem.SHOW_AS_ACTION_IF_ROOM)
        return true
    }

    override fun onOptionsItemSelected(item: MenuItem): Boolean {
        if (item.itemId != R.id.verdicts_export) return super.onOptionsItemSelected(item)
        val create = Intent(Intent.ACTION_CREATE_DOCUMENT)
            .addCategory(Intent.CATEGORY_OPENABLE)
            .setType("text/csv")
            .putExtra(Intent.EXTRA_TITLE, getString(R.string.verdicts_file))
        try {
            @Suppress("DEPRECATION")
            startActivityForResult(create, EXPORT)
        } catch (_: ActivityNotFoundException) {
            model.message.set(Message { it.getString(R.string.verdicts_no_files) })
        }
        return true
    }

    @Deprecated("The framework's way to hear where to write.")
    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        @Suppress("DEPRECATION")
        super.onActivityResult(request, result, data)
        val to = data?.data
        if (request == EXPORT && result == Activity.RESULT_OK && to != null) model.export(to)
    }

    private fun draw(state: VerdictsState) {
        drawHeads(state.order)
        rows.show(state.rows)
        val total = state.total
        // A phone on its side has no room for it.
        findViewById<View>(R.id.verdicts_count).visibility =
            if (resources.getBoolean(R.bool.tall)) View.VISIBLE else View.GONE
        setText(
            R.id.verdicts_count,
            when {
                total == null -> ""

                state.search.isBlank() ->
                    resources.getQuantityString(R.plurals.verdicts_count, total, total)

                else -> getString(R.string.verdicts_found, state.rows.size, total)
            },
        )
        drawEmpty(state)
        if (!placed && total != null) {
            placed = true
            list.setSelection(model.position)
        }
    }

    private fun drawHeads(order: Order) {
        for (column in Column.values()) {
            val head = findViewById<TextView>(column.head)
            val title = getString(column.title)
            val chosen = column == order.column
            val arrow = if (order.descending) " ↓" else " ↑"
            head.text = if (chosen) title + arrow else title
            head.isSelected = chosen
            head.contentDescription = when {
                !chosen -> getString(R.string.verdicts_order_by, title)
                order.descending -> getString(R.string.verdicts_descending, title)
                else -> getString(R.string.verdicts_ascending, title)
            }
        }
    }

    private fun drawEmpty(state: VerdictsState) {
        val empty = findViewById<EmptyState>(R.id.verdicts_empty)
        val error = state.error
        list.visibility = if (state.rows.isEmpty()) View.GONE else View.VISIBLE
        when {
            error != null -> empty.show(
                R.drawable.ic_broken,
                getString(R.string.verdicts_broken),
                error.text(resources),
                R.string.verdicts_retry,
                model::refresh,
            )

            state.total == null || state.rows.isNotEmpty() -> empty.hide()

            state.total == 0 -> empty.show(
                R.drawable.ic_table,
                getString(R.string.verdicts_none_title),
                getString(R.string.verdicts_none),
                R.string.verdicts_scan,
            ) {
                startActivity(HomeActivity.intent(this))
                finish()
            }

            else -> empty.show(
                R.drawable.ic_filter,
                getString(R.string.verdicts_nothing_title),
                getString(R.string.verdicts_nothing),
                R.string.verdicts_all,
            ) { findViewById<EditText>(R.id.verdicts_search).setText("") }
        }
    }

    private companion object {
        const val EXPORT = 1
    }
}
