package org.memesdetection.ui.review

import android.net.Uri
import android.os.Bundle
import android.os.SystemClock
import java.io.Closeable
import org.memesdetection.App
import org.memesdetection.R
import org.memesdetection.data.Failed
import org.memesdetection.data.Judged
import org.memesdetection.gallery.Phase
import org.memesdetection.gallery.ScanState
import org.memesdetection.model.MemesError
import org.memesdetection.model.Verdict
import org.memesdetection.settings.Appearance
import org.memesdetection.ui.Message
import org.memesdetection.ui.State

/**
 * What the review screen shows.
 *
 * @property known how many pictures were judged at all; null until they are read
 * @property error why they cannot be read
 * @property selected of the pictures that are shown
 */
data class ReviewState(
    val filter: Filter,
    val known: Int? = null,
    val error: MemesError? = null,
    val album: Album = Album(),
    val selected: Set<Uri> = emptySet(),
) {
    /** How many pictures are selected, and their bytes. */
    val total: Tally get() = Tally.of(album.pictures.filter { it.uri in selected })
}

/** The grid of judged pictures: filters, selection, marks and clean-ups. */
class ReviewModel(app: App, saved: Bundle?) : CleaningModel(app, saved) {
    val state = State(ReviewState(Filter.read(saved), selected = selection(saved)))

    /** How the scan stands that may go on meanwhile. */
    val scan: State<ScanState> get() = app.scanner.state

    /** The first picture on the screen, to come back to. */
    var position = saved?.getInt(POSITION) ?: 0

    // Of the disk's thread.
    private var all = emptyList<Judged>()
    private var failures = emptyList<Failed>()
    private var reloaded = 0L
    private val scanning: Closeable

    init {
        var last = scan.value
        scanning = scan.observe { now ->
            if (now.done != last.done || now.phase != last.phase) {
                last = now
                refreshSoon(now.phase != Phase.RUNNING)
            }
        }
    }

    /** Read the pictures again: others may have changed them. */
    fun refresh() = work(failed = ::show, droppable = true) { reload() }

    // A scan tells of each picture; the grid follows it once in a while.
    private fun refreshSoon(now: Boolean) {
        val time = SystemClock.elapsedRealtime()
        if (!now && time - reloaded < RELOAD_MS) return
        reloaded = time
        refresh()
    }

    override fun reload() {
        all = app.judged()
        failures = app.verdicts.failures(Appearance.wrap(app).resources)
        arrange()
    }

    private fun show(error: MemesError) = state.update { it.copy(error = error) }

    private fun arrange() = state.update { old ->
        val album = Album.of(all, failures, old.filter, System.currentTimeMillis())
        val shown = album.pictures.mapTo(HashSet()) { it.uri }
        old.copy(
            known = all.size + failures.size,
            error = null,
            album = album,
            // What is not seen must not be thrown away.
            selected = old.selected.filterTo(LinkedHashSet()) { it in shown },
        )
    }

    fun show(filter: Filter) {
        state.update { it.copy(filter = filter) }
        position = 0
        work(droppable = true) { arrange() }
    }

    /** Select the picture, or no more. */
    fun toggle(uri: Uri) = state.update {
        it.copy(selected = if (uri in it.selected) it.selected - uri else it.selected + uri)
    }

    fun select(uris: Set<Uri>) = state.update { it.copy(selected = uris) }

    fun selectAll() = state.update { old ->
        old.copy(selected = old.album.pictures.mapTo(LinkedHashSet()) { it.uri })
    }

    fun clearSelection() = select(emptySet())

    /** The selected pictures, in order. */
    val selection: List<Judged>
        get() = state.value.run { album.pictures.filter { it.uri in selected } }

    /** They are no memes, and what is much like them may be none. */
    fun keep() = mark(Verdict.NOT_MEME, R.plurals.review_kept)

    /** They are memes. */
    fun markAsMeme() = mark(Verdict.MEME, R.plurals.review_marked)

    fun trash() = trash(selection)

    private fun mark(verdict: Verdict, said: Int) {
        val pictures = selection
        if (pictures.isEmpty()) return
        clearSelection()
        work {
            val correction = Correction.make(app.marks, pictures, verdict)
            reload()
            message.set(
                Message(R.string.undo, { takeBack(correction) }) {
                    it.getQuantityString(said, pictures.size, pictures.size)
                },
            )
        }
    }

    private fun takeBack(correction: Correction) = work {
        correction.undo(app.marks)
        reload()
    }

    override fun save(state: Bundle) {
        super.save(state)
        this.state.value.filter.save(state)
        state.putInt(POSITION, position)
        val selected = this.state.value.selected
        if (selected.size <= MOST_KEPT) state.putParcelableArrayList(SELECTED, ArrayList(selected))
    }

    override fun close() {
        scanning.close()
        super.close()
    }

    companion object {
        private const val RELOAD_MS = 1_000L

        // A state that is too large for the system is lost as a whole.
        private const val MOST_KEPT = 2_000
        private const val POSITION = "position"
        private const val SELECTED = "selected"

        @Suppress("DEPRECATION")
        private fun selection(saved: Bundle?): Set<Uri> =
            saved?.getParcelableArrayList<Uri>(SELECTED)?.toSet().orEmpty()
    }
}
