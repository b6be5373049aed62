package org.memesdetection.ui.verdicts

import android.net.Uri
import android.os.Bundle
import java.io.FileNotFoundException
import java.io.IOException
import java.io.OutputStream
import org.memesdetection.App
import org.memesdetection.R
import org.memesdetection.data.Judged
import org.memesdetection.model.MemesError
import org.memesdetection.model.Verdict
import org.memesdetection.settings.Appearance
import org.memesdetection.ui.Message
import org.memesdetection.ui.State
import org.memesdetection.ui.ViewModel
import org.memesdetection.ui.review.judged

/** The table could not be written where the user wanted it. */
class ExportError : MemesError(R.string.verdicts_not_saved)

/**
 * What the table shows.
 *
 * @property total how many pictures were judged at all; null until they are read.
 * @property rows those that the search finds, in order.
 */
data class VerdictsState(
    val order: Order = Order(),
    val search: String = "",
    val total: Int? = null,
    val rows: List<Judged> = emptyList(),
    val error: MemesError? = null,
)

/** The table of all verdicts: search, order, export. */
class VerdictsModel(app: App, saved: Bundle?) : ViewModel(app) {
    val state = State(
        VerdictsState(
            Order(
                Column.values()[saved?.getInt(COLUMN) ?: Column.WHEN.ordinal],
                saved?.getBoolean(DESCENDING) ?: true,
            ),
            saved?.getString(SEARCH).orEmpty(),
        ),
    )

    /** The first row on the screen, to come back to. */
    var position = saved?.getInt(POSITION) ?: 0

    // Of the disk's thread.
    private var all = emptyList<Judged>()

    /** Read the verdicts again: others may have changed them. */
    fun refresh() = work(
        failed = { error -> state.update { it.copy(error = error) } },
        droppable = true,
    ) {
        all = app.judged()
        arrange()
    }

    fun search(text: String) {
        if (text == state.value.search) return
        position = 0
        state.update { it.copy(search = text) }
        work(droppable = true) { arrange() }
    }

    /** Order by a column, or the other way round if it is ordered by that already. */
    fun order(column: Column) {
        position = 0
        state.update { it.copy(order = it.order.pressed(column)) }
        work(droppable = true) { arrange() }
    }

    private fun arrange() {
        val words = state.value.search.split(' ').filter { it.isNotEmpty() }
        val resources = Appearance.wrap(app).resources
        val labels = LABELS.mapValues { resources.getString(it.value) }
        val found = all.filter { row ->
            words.all { word -> fields(row, labels).any { it.contains(word, ignoreCase = true) } }
        }
        state.update {
            it.copy(total = all.size, rows = found.sortedWith(it.order.comparator), error = null)
        }
    }

    private fun fields(row: Judged, labels: Map<Verdict, String>) =
        listOf(row.name, row.folder, row.model, row.verdict.key, labels.getValue(row.verdict))

    /** Write the rows that are shown into a file that the user chose. */
    fun export(to: Uri) = work {
        val rows = state.value.rows
        try {
            open(to).use { Csv.write(rows, it) }
        } catch (error: IOException) {
            throw ExportError().apply { initCause(error) }
        } catch (error: RuntimeException) {
            // Providers throw what they like.
            throw ExportError().apply { initCause(error) }
        }
        message.set(
            Message { it.getQuantityString(R.plurals.verdicts_saved, rows.size, rows.size) },
        )
    }

    private fun open(to: Uri): OutputStream {
        val resolver = app.contentResolver
        val stream = try {
            resolver.openOutputStream(to, "wt")
        } catch (_: IllegalArgumentException) {
            // Not every provider can empty a file; a new one is empty.
            resolver.openOutputStream(to, "w")
        }
        return stream ?: throw FileNotFoundException("$to")
    }

    override fun save(state: Bundle) {
        super.save(state)
        val now = this.state.value
        state.putInt(COLUMN, now.order.column.ordinal)
        state.putBoolean(DESCENDING, now.order.descending)
        state.putString(SEARCH, now.search)
        state.putInt(POSITION, position)
    }

    private companion object {
        const val COLUMN = "column"
        const val DESCENDING = "descending"
        const val SEARCH = "search"
        const val POSITION = "position"
        val LABELS = mapOf(
            Verdict.MEME to R.string.verdict_meme,
            Verdict.UNSURE to R.string.verdict_unsure,
            Verdict.NOT_MEME to R.string.verdict_not_meme,
        )
    }
}
