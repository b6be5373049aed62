package org.memesdetection.ui.review

import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.Menu
import android.view.MenuItem
import android.view.View
import android.widget.GridView
import android.widget.ListView
import android.widget.ProgressBar
import org.memesdetection.R
import org.memesdetection.background.Notifications
import org.memesdetection.gallery.ScanState
import org.memesdetection.ui.ChipRow
import org.memesdetection.ui.EmptyState
import org.memesdetection.ui.Format
import org.memesdetection.ui.MenuChip
import org.memesdetection.ui.home.HomeActivity

/** The grid of judged pictures, memes first: look, select, keep, mark, clean up. */
class ReviewActivity : CleaningScreen<ReviewModel>() {
    override val scrolling get() = super.scrolling + R.id.review_failures
    private lateinit var grid: GridView
    private lateinit var pictures: PictureAdapter
    private lateinit var failures: FailedAdapter
    private lateinit var sizes: MenuChip
    private lateinit var ages: MenuChip
    private lateinit var folders: MenuChip
    private lateinit var orders: MenuChip
    private var placed = false

    override fun createModel(saved: Bundle?) = ReviewModel(app, saved)

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.review)
        setTitle(R.string.review_title)
        grid = findViewById(R.id.scrolling)
        pictures = PictureAdapter(this, app.thumbnails) { model.toggle(it.uri) }
        grid.adapter = pictures
        grid.setOnItemClickListener { _, _, place, _ -> press(place) }
        listenToDrags()
        failures = FailedAdapter(this)
        findViewById<ListView>(R.id.review_failures).adapter = failures
        addChips()
        listOf(
            R.id.action_keep to model::keep,
            R.id.action_mark to model::markAsMeme,
            R.id.action_trash to { model.trash() },
        ).forEach { (id, act) -> findViewById<View>(id).setOnClickListener { act() } }
        model.state.draw(::draw)
        model.scan.draw { drawProgress(it, model.busy.value) }
        model.busy.draw { drawProgress(model.scan.value, it) }
    }

    override fun onStart() {
        super.onStart()
        Notifications.clear(this)
        model.refresh()
    }

    override fun onPause() {
        if (placed) model.position = grid.firstVisiblePosition
        super.onPause()
    }

    @Deprecated("The way back below API 33, and above while nothing predicts it.")
    override fun onBackPressed() {
        @Suppress("DEPRECATION")
        if (model.state.value.selected.isEmpty()) super.onBackPressed() else model.clearSelection()
    }

    override fun leave() {
        if (model.state.value.selected.isEmpty()) super.leave() else model.clearSelection()
    }

    override fun onCreateOptionsMenu(menu: Menu): Boolean {
        menu.add(0, R.id.review_select_all, 0, R.string.review_select_all)
            .setIcon(R.drawable.ic_select_all)
            .setShowAsAction(MenuItem.SHOW_AS_ACTION_IF_ROOM)
        return true
    }

    override fun onOptionsItemSelected(item: MenuItem): Boolean {
        if (item.itemId != R.id.review_select_all) return super.onOptionsItemSelected(item)
        val all = model.state.value.run { selected.size == album.pictures.size }
        if (all) model.clearSelection() else model.selectAll()
        return true
    }

    private fun addChips() {
        val row = if (resources.getBoolean(
                R.bool.tall,
            )
        ) {
            R.id.review_narrowing
        } else {
            R.id.review_verdicts
        }
        val chips = findViewById<ChipRow>(row)
        sizes = MenuChip(this).also { chips.add(it) }
        ages = MenuChip(this).also { chips.add(it) }
        folders = MenuChip(this).also { chips.add(it) }
        orders = MenuChip(this).also { chips.add(it) }
    }

    private fun listenToDrags() {
        var before = emptySet<Uri>()
        DragSelect(
            grid,
            begin = { place ->
                before = model.state.value.selected
                val uri = pictures.getItem(place).uri
                model.toggle(uri)
                uri !in before
            },
            drag = { from, to ->
                val places = minOf(from, to)..maxOf(from, to)
                model.select(before + places.map { pictures.getItem(it).uri })
            },
        )
    }

    private fun press(place: Int) {
        val picture = pictures.getItem(place)
        if (model.state.value.selected.isNotEmpty()) {
            model.toggle(picture.uri)
        } else {
            startActivity(PictureActivity.intent(this, picture.uri, model.state.value.filter))
        }
    }

    private fun draw(state: ReviewState) {
        drawChips(state)
        pictures.show(state.album.pictures, state.selected, grid)
        failures.show(state.album.failures)
        val failed = state.filter.shown == Shown.FAILED
        val empty = isEmpty(state)
        // What could not be judged is listed whole.
        listOf(sizes, ages, orders).forEach {
            it.visibility =
                if (failed) View.GONE else View.VISIBLE
        }
        grid.visibility = if (failed || empty) View.GONE else View.VISIBLE
        findViewById<View>(R.id.review_failures).visibility =
            if (failed && !empty) View.VISIBLE else View.GONE
        if (empty) drawEmpty(state) else findViewById<EmptyState>(R.id.review_empty).hide()
        drawSelection(state)
        if (!placed && state.known != null) {
            placed = true
            grid.setSelection(model.position)
        }
    }

    private fun isEmpty(state: ReviewState): Boolean = if (state.filter.shown == Shown.FAILED) {
        state.album.failures.isEmpty()
    } else {
        state.album.pictures.isEmpty()
    }

    private fun drawChips(state: ReviewState) {
        val filter = state.filter
        val shown = Shown.values().filter {
            it != Shown.FAILED || it == filter.shown || state.album.failures.isNotEmpty()
        }
        findViewById<ChipRow>(R.id.review_verdicts).choose(
            shown,
            filter.shown,
            {
                val count = state.album.tallies[it]?.count ?: 0
                getString(R.string.review_chip, getString(it.label), count)
            },
            { model.show(model.state.value.filter.copy(shown = it)) },
        )
        sizes.offer(
            LeastSize.values().toList(),
            filter.size,
            R.string.review_size_is,
            { getString(it.label) },
            { model.show(filter.copy(size = it)) },
        )
        ages.offer(
            Age.values().toList(),
            filter.age,
            R.string.review_date_is,
            { getString(it.label) },
            { model.show(filter.copy(age = it)) },
        )
        folders.offer(
            listOf(null) + state.album.folders,
            filter.folder,
            R.string.review_folder_is,
            ::label,
            { model.show(filter.copy(folder = it)) },
        )
        orders.offer(
            Order.values().toList(),
            filter.order,
            R.string.review_order_is,
            { getString(it.label) },
            { model.show(filter.copy(order = it)) },
        )
        val several = state.album.folders.size > 1 && filter.shown != Shown.FAILED
        folders.visibility = if (several) View.VISIBLE else View.GONE
    }

    private fun label(folder: String?): String = when {
        folder == null -> getString(R.string.review_folder_any)
        folder.isEmpty() -> getString(R.string.review_folder_root)
        else -> folder.trimEnd('/').substringAfterLast('/')
    }

    private fun drawSelection(state: ReviewState) {
        val total = state.total
        findViewById<View>(R.id.bottom_bar).visibility =
            if (total.count > 0) View.VISIBLE else View.GONE
        if (total.count > 0) {
            val size = Format.bytes(resources, total.bytes)
            setText(
                R.id.review_total,
                resources.getQuantityString(
                    R.plurals.review_selected,
                    total.count,
                    total.count,
                    size,
                ),
            )
        }
        toolbar.setNavigationIcon(if (total.count > 0) R.drawable.ic_close else R.drawable.ic_back)
        toolbar.setNavigationContentDescription(
            if (total.count > 0) R.string.review_select_none else R.string.back,
        )
    }

    private fun drawProgress(scan: ScanState, cleaning: Boolean) {
        val bar = findViewById<ProgressBar>(R.id.review_scanning)
        bar.visibility = if (scan.isBusy || cleaning) View.VISIBLE else View.GONE
        bar.isIndeterminate = cleaning
        bar.max = maxOf(1, scan.total)
        bar.progress = scan.done
    }

    private fun drawEmpty(state: ReviewState) {
        val empty = findViewById<EmptyState>(R.id.review_empty)
        val error = state.error
        when {
            error != null -> empty.show(
                R.drawable.ic_broken,
                getString(R.string.review_broken_title),
                error.text(resources),
                R.string.review_retry,
                model::refresh,
            )

            state.known == null -> empty.hide()

            state.known == 0 -> empty.show(
                R.drawable.ic_scan,
                getString(R.string.review_empty_none_title),
                getString(R.string.review_empty_none),
                R.string.review_scan,
                ::goHome,
            )

            state.filter.narrows -> empty.show(
                R.drawable.ic_filter,
                getString(R.string.review_empty_filter_title),
                getString(R.string.review_empty_filter),
                R.string.review_show_all,
                ::showAll,
            )

            state.filter.shown == Shown.MEMES -> empty.show(
                R.drawable.ic_check,
                getString(R.string.review_empty_memes_title),
                getString(R.string.review_empty_memes),
                R.string.review_show_all,
                ::showAll,
            )

            else -> empty.show(
                R.drawable.ic_check,
                getString(R.string.review_empty_filter_title),
                getString(R.string.review_empty_filter),
                R.string.review_show_all,
                ::showAll,
            )
        }
    }

    private fun showAll() = model.show(Filter(shown = Shown.ALL))

    private fun goHome() {
        startActivity(HomeActivity.intent(this))
        finish()
    }

    companion object {
        fun intent(context: Context) = Intent(context, ReviewActivity::class.java)
    }
}
