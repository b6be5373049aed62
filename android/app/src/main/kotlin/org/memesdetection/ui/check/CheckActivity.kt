package org.memesdetection.ui.check

import android.app.Activity
import android.app.AlertDialog
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.LayoutInflater
import android.view.Menu
import android.view.MenuItem
import android.view.View
import android.widget.Button
import android.widget.ImageView
import android.widget.ListView
import android.widget.ProgressBar
import android.widget.TextView
import org.memesdetection.R
import org.memesdetection.model.percent
import org.memesdetection.server.ServerError
import org.memesdetection.ui.ChipRow
import org.memesdetection.ui.EmptyState
import org.memesdetection.ui.Format
import org.memesdetection.ui.Message
import org.memesdetection.ui.Pictures
import org.memesdetection.ui.Screen
import org.memesdetection.ui.VerdictBadge
import org.memesdetection.ui.review.PictureActivity
import org.memesdetection.ui.settings.SettingsActivity

/** Pictures that the user picked or another app shared, with what phone or server say of them. */
class CheckActivity : Screen<CheckModel>() {
    private lateinit var list: ListView
    private lateinit var rows: CheckAdapter
    private var dialog: AlertDialog? = null
    private val many get() = intent.getBooleanExtra(MANY, true)

    override fun createModel(saved: Bundle?): CheckModel {
        // Another app's pictures are judged here, whatever else it asks for.
        val server = Picking.shared(intent) == null && intent.getBooleanExtra(SERVER, false)
        return CheckModel(app, if (server) Where.SERVER else Where.PHONE, saved)
    }

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.check)
        setTitle(R.string.check_title)
        rows = CheckAdapter(this, app.thumbnails)
        list = findViewById(R.id.scrolling)
        // It scrolls away with the rows: in landscape there is no room to spare.
        list.addHeaderView(layoutInflater.inflate(R.layout.check_head, list, false), null, false)
        list.adapter = rows
        list.setOnItemClickListener { parent, _, place, _ ->
            (parent.getItemAtPosition(place) as? Checked)?.let(::open)
        }
        findViewById<View>(R.id.check_stop).setOnClickListener { model.stop() }
        findViewById<View>(R.id.check_go_on).setOnClickListener { model.goOn() }
        model.state.draw(::draw)
        if (!model.asked) {
            model.asked = true
            Picking.shared(intent)?.let(model::take) ?: pick()
        }
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        Picking.shared(intent)?.let(model::take)
    }

    override fun onDestroy() {
        dialog?.dismiss()
        super.onDestroy()
    }

    override fun onCreateOptionsMenu(menu: Menu): Boolean {
        menu.add(0, R.id.check_pick, 0, R.string.check_pick)
            .setIcon(R.drawable.ic_pictures)
            .setShowAsAction(MenuItem.SHOW_AS_ACTION_IF_ROOM)
        menu.add(0, R.id.check_pick_folder, 0, R.string.check_pick_folder)
            .setIcon(R.drawable.ic_folder)
            .setShowAsAction(MenuItem.SHOW_AS_ACTION_IF_ROOM)
        return true
    }

    override fun onOptionsItemSelected(item: MenuItem): Boolean {
        when (item.itemId) {
            R.id.check_pick -> pick()
            R.id.check_pick_folder -> ask(Picking.folder(), FOLDER)
            else -> return super.onOptionsItemSelected(item)
        }
        return true
    }

    private fun pick() {
        if (!canAsk(Picking.pictures(many), PICTURES)) ask(Picking.documents(many), PICTURES)
    }

    private fun ask(intent: Intent, request: Int) {
        if (!canAsk(intent, request)) {
            model.message.set(Message { it.getString(R.string.check_no_picker) })
        }
    }

    @Suppress("DEPRECATION")
    private fun canAsk(intent: Intent, request: Int): Boolean = try {
        startActivityForResult(intent, request)
        true
    } catch (_: ActivityNotFoundException) {
        false
    }

    @Deprecated("The framework's way to hear what was picked.")
    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        @Suppress("DEPRECATION")
        super.onActivityResult(request, result, data)
        val picked = if (result == Activity.RESULT_OK) Picking.picked(data) else emptyList()
        when {
            picked.isEmpty() ->
                // There is nothing to see here yet.
                if (model.state.value.pictures.isEmpty()) finish()

            request == FOLDER -> model.takeFolder(picked.first())

            else -> model.take(picked)
        }
    }

    private fun draw(state: CheckState) {
        findViewById<ChipRow>(R.id.check_where).choose(
            Where.values().toList(),
            state.where,
            { getString(it.label) },
            model::move,
        )
        setText(
            R.id.check_where_line,
            if (state.where == Where.SERVER && state.host.isNotEmpty()) {
                getString(R.string.check_to_host, state.host)
            } else {
                getString(state.where.line)
            },
        )
        drawProgress(state)
        drawNotice(state)
        drawOnly(state)
        rows.show(state.shown)
        val empty = findViewById<EmptyState>(R.id.check_empty)
        val none = state.pictures.isEmpty() && !state.listing
        list.visibility = if (none) View.GONE else View.VISIBLE
        if (none) {
            empty.show(
                R.drawable.ic_pictures,
                getString(R.string.check_empty_title),
                getString(R.string.check_empty),
                R.string.check_pick,
                ::pick,
            )
        } else {
            empty.hide()
        }
    }

    private fun drawProgress(state: CheckState) {
        val count = state.pictures.size
        val busy = state.listing || state.running
        show(R.id.check_bar, busy)
        val bar = findViewById<ProgressBar>(R.id.check_bar)
        bar.isIndeterminate = state.listing
        bar.max = maxOf(1, count)
        bar.progress = state.done
        show(R.id.check_stop, state.running)
        show(R.id.check_go_on, state.stopped && !busy && state.done < count)
        show(R.id.check_count, state.listing || count > 0)
        setText(
            R.id.check_count,
            when {
                state.listing -> getString(R.string.check_listing)
                state.done < count -> getString(R.string.check_progress, state.done, count)
                else -> summary(state)
            },
        )
    }

    private fun summary(state: CheckState): String {
        val memes = state.pictures.filter(Only.MEMES.fits)
        val size = Format.bytes(this, memes.fold(0L) { sum, one -> sum + one.bytes })
        val checked = resources.getQuantityString(
            R.plurals.check_done,
            state.pictures.size,
            state.pictures.size,
        )
        val found = if (memes.isEmpty()) {
            getString(R.string.check_no_memes)
        } else {
            resources.getQuantityString(R.plurals.check_found, memes.size, memes.size, size)
        }
        return getString(R.string.check_summary, found, checked)
    }

    private fun drawNotice(state: CheckState) {
        val error = state.error
        show(R.id.check_notice, error != null)
        if (error == null) return
        setText(R.id.check_notice_text, error.text(resources))
        val inSettings = (error as? ServerError)?.kind?.inSettings == true
        val button = findViewById<Button>(R.id.check_notice_action)
        button.setText(if (inSettings) R.string.check_settings else R.string.check_retry)
        button.setOnClickListener {
            if (inSettings) startActivity(SettingsActivity.intent(this)) else model.goOn()
        }
    }

    private fun drawOnly(state: CheckState) {
        val counts = Only.values().associateWith { state.pictures.count(it.fits) }
        val offered = Only.values().filter {
            it == Only.ALL || it == state.only || counts.getValue(it) > 0
        }
        val row = findViewById<ChipRow>(R.id.check_only)
        row.visibility = if (offered.size > 2) View.VISIBLE else View.GONE
        row.choose(
            offered,
            state.only,
            { getString(R.string.check_chip, getString(it.label), counts.getValue(it)) },
            model::show,
        )
    }

    private fun open(picture: Checked) {
        val outcome = picture.outcome
        if (outcome is Outcome.OnServer) say(picture, outcome) else openHere(picture)
    }

    /** In full, with the heat map, as the phone's model sees it. */
    private fun openHere(picture: Checked) {
        val pictures = model.state.value.shown.filter { it.outcome is Outcome.Verdicted }
            .map { it.uri }
        // The system takes no larger message than a megabyte from one screen to another.
        val place = pictures.indexOf(picture.uri)
        val first = (place - MOST_AROUND / 2).coerceIn(0, maxOf(0, pictures.size - MOST_AROUND))
        val some = pictures.subList(first, minOf(pictures.size, first + MOST_AROUND))
        startActivity(PictureActivity.intent(this, some, place - first))
    }

    /** What the server said, which has no heat map; the full view would ask the phone's model. */
    private fun say(picture: Checked, outcome: Outcome.OnServer) {
        val view = LayoutInflater.from(this).inflate(R.layout.check_answer, null)
        val image = view.findViewById<ImageView>(R.id.answer_picture)
        app.executors.disk.execute {
            val whole = Pictures.read(app, picture.uri)
            image.post { image.setImageBitmap(whole) }
        }
        view.findViewById<VerdictBadge>(R.id.answer_badge).show(outcome.verdict)
        view.findViewById<TextView>(R.id.answer_probability).text = percent(outcome.probability)
        view.findViewById<TextView>(R.id.answer_reason).text = outcome.reason(resources)
        dialog?.dismiss()
        dialog = AlertDialog.Builder(this)
            .setTitle(picture.name)
            .setView(view)
            .setPositiveButton(R.string.close, null)
            .setNeutralButton(R.string.check_look_here) { _, _ -> openHere(picture) }
            .show()
    }

    private fun show(id: Int, shown: Boolean) {
        findViewById<View>(id).visibility = if (shown) View.VISIBLE else View.GONE
    }

    companion object {
        private const val PICTURES = 1
        private const val FOLDER = 2
        private const val SERVER = "server"
        private const val MANY = "many"
        private const val MOST_AROUND = 500

        /** The system's picker, then what phone or server say of what was picked. */
        fun intent(context: Context, where: Where, many: Boolean): Intent =
            Intent(context, CheckActivity::class.java)
                .putExtra(SERVER, where == Where.SERVER)
                .putExtra(MANY, many)
    }
}
