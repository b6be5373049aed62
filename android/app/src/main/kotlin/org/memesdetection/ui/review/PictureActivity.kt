package org.memesdetection.ui.review

import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.widget.Button
import android.widget.Switch
import org.memesdetection.R
import org.memesdetection.model.Verdict
import org.memesdetection.model.percent
import org.memesdetection.ui.Format
import org.memesdetection.ui.VerdictBadge

/** One picture in full, with zoom, reason and heat map; a swipe leads to the next one. */
class PictureActivity : CleaningScreen<PictureModel>() {
    private lateinit var pager: Pager
    private lateinit var heat: Switch

    @Suppress("DEPRECATION")
    override fun createModel(saved: Bundle?) = PictureModel(
        app,
        intent.data ?: Uri.EMPTY,
        Filter.read(intent.extras),
        intent.getParcelableArrayListExtra<Uri>(OTHERS).orEmpty(),
        saved,
    )

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.picture)
        pager = findViewById(R.id.picture_pager)
        pager.draw = ::drawPage
        pager.onTurn = model::turn
        heat = findViewById(R.id.picture_heat)
        heat.setOnClickListener { model.showHeat(heat.isChecked) }
        findViewById<View>(R.id.action_keep).setOnClickListener { model.keep() }
        findViewById<View>(R.id.action_mark).setOnClickListener { model.markAsMeme() }
        findViewById<View>(R.id.action_trash).setOnClickListener { model.trash() }
        model.state.draw(::draw)
        model.busy.draw { drawBusy(model.state.value) }
    }

    private fun draw(state: PictureState) {
        if (state.loaded && state.pictures.isEmpty()) {
            finish()
            return
        }
        title = if (state.loaded) {
            getString(R.string.picture_title, state.place + 1, state.pictures.size)
        } else {
            ""
        }
        pager.show(state.place, state.pictures.size)
        drawBusy(state)
        heat.isChecked = state.heat
        drawJudgement(state)
        drawActions(state)
    }

    private fun drawBusy(state: PictureState) {
        val page = state.uri?.let(state.pages::get) ?: Page()
        val waits = page.picture == null || (state.heat && page.heat == null)
        show(R.id.picture_busy, (waits && !page.missing) || model.busy.value)
        show(R.id.picture_missing, page.missing)
    }

    private fun drawPage(view: ZoomView, place: Int) {
        val state = model.state.value
        val uri = state.pictures.getOrNull(place)
        val page = uri?.let(state.pages::get)
        val shown = (if (state.heat) page?.heat else null) ?: page?.picture
        val before = view.getTag(R.id.thumbnail)
        if (before != Pair(uri, shown)) {
            val same = (before as? Pair<*, *>)?.first == uri
            view.setTag(R.id.thumbnail, Pair(uri, shown))
            view.show(shown, same)
        }
        val name = uri?.let { state.judged[it]?.name }.orEmpty()
        view.contentDescription = getString(R.string.picture_view, name)
    }

    private fun drawJudgement(state: PictureState) {
        val judgement = state.judgement
        show(R.id.picture_badge, judgement != null)
        val picture = state.current
        if (judgement != null) {
            findViewById<VerdictBadge>(R.id.picture_badge).show(judgement.verdict, picture?.mark)
        }
        setText(R.id.picture_probability, judgement?.run { percent(probability) }.orEmpty())
        setText(R.id.picture_reason, judgement?.reason?.text(resources).orEmpty())
        show(R.id.picture_facts, picture != null)
        if (picture != null) {
            val size = Format.bytes(resources, picture.bytes)
            val day = Format.day(this, picture.taken)
            val facts = getString(R.string.picture_facts, picture.name, size, day)
            val folder = picture.folder.trimEnd('/')
            setText(R.id.picture_facts, if (folder.isEmpty()) facts else facts + "\n" + folder)
        }
    }

    private fun drawActions(state: PictureState) {
        val picture = state.current
        show(R.id.picture_actions, picture != null)
        val kept = picture?.mark == Verdict.NOT_MEME
        val marked = picture?.mark == Verdict.MEME
        press(R.id.action_keep, kept, if (kept) R.string.verdict_kept else R.string.review_keep)
        press(
            R.id.action_mark,
            marked,
            if (marked) R.string.verdict_marked else R.string.review_mark,
        )
    }

    private fun press(id: Int, pressed: Boolean, text: Int) {
        val button = findViewById<Button>(id)
        button.isActivated = pressed
        button.setText(text)
    }

    private fun show(id: Int, shown: Boolean) {
        findViewById<View>(id).visibility = if (shown) View.VISIBLE else View.GONE
    }

    companion object {
        private const val OTHERS = "others"

        /** A judged picture; a swipe leads to those that [filter] shows around it. */
        fun intent(context: Context, picture: Uri, filter: Filter): Intent {
            val extras = Bundle().also(filter::save)
            return Intent(context, PictureActivity::class.java).setData(picture).putExtras(extras)
        }

        /**
         * Pictures that need not be in the database, at [place] of them; they are judged on the
         * phone when they are looked at. The right to read them goes along.
         */
        fun intent(context: Context, pictures: List<Uri>, place: Int): Intent =
            Intent(context, PictureActivity::class.java)
                .setData(pictures[place])
                .putParcelableArrayListExtra(OTHERS, ArrayList(pictures))
    }
}
