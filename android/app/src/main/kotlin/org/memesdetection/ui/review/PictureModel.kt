package org.memesdetection.ui.review

import android.graphics.Bitmap
import android.net.Uri
import android.os.Bundle
import android.util.LruCache
import org.memesdetection.App
import org.memesdetection.R
import org.memesdetection.data.Judged
import org.memesdetection.data.Known
import org.memesdetection.model.Content
import org.memesdetection.model.DamagedPicture
import org.memesdetection.model.DecodedPicture
import org.memesdetection.model.HeatMap
import org.memesdetection.model.Judgement
import org.memesdetection.model.MemesError
import org.memesdetection.model.Verdict
import org.memesdetection.ui.Message
import org.memesdetection.ui.Pictures
import org.memesdetection.ui.State

/**
 * One picture as it is shown in full.
 *
 * @property picture the whole of it; null while it is read
 * @property heat with the heat map over it; null before it is asked for
 * @property missing it cannot be shown
 */
data class Page(
    val picture: Bitmap? = null,
    val heat: Bitmap? = null,
    val missing: Boolean = false,
)

/**
 * What the full view shows.
 *
 * @property pictures to swipe through; the judged ones of a filter, or others
 * @property place of the one shown
 * @property judgement on the one shown; null while it is not known
 */
data class PictureState(
    val pictures: List<Uri> = emptyList(),
    val place: Int = 0,
    val heat: Boolean = false,
    val judged: Map<Uri, Judged> = emptyMap(),
    val others: Map<Uri, Judgement> = emptyMap(),
    val pages: Map<Uri, Page> = emptyMap(),
    val loaded: Boolean = false,
) {
    val uri: Uri? get() = pictures.getOrNull(place)
    val current: Judged? get() = uri?.let(judged::get)
    val judgement: Judgement?
        get() = current?.run { Judgement(verdict, probability, reason) } ?: uri?.let(others::get)
}

/**
 * Pictures in full, one at a time: those of the database that a filter shows, or [others] that are
 * judged when they are looked at.
 */
class PictureModel(
    app: App,
    private val first: Uri,
    private val filter: Filter,
    private val others: List<Uri>,
    saved: Bundle?,
) : CleaningModel(app, saved) {
    val state = State(PictureState(heat = saved?.getBoolean(HEAT) ?: false))

    // Bitmaps are large: those of the neighbours are enough.
    private val pages = LruCache<Uri, Page>(PAGES)

    init {
        @Suppress("DEPRECATION")
        val start = saved?.getParcelable<Uri>(CURRENT) ?: first
        if (others.isEmpty()) {
            work(droppable = true) { arrange(start) }
        } else {
            state.update {
                it.copy(pictures = others, place = maxOf(0, others.indexOf(start)), loaded = true)
            }
            look()
        }
    }

    override fun reload() = arrange(state.value.uri)

    /** Show [place] of the pictures. */
    fun turn(place: Int) {
        state.update { it.copy(place = place.coerceIn(0, maxOf(0, it.pictures.size - 1))) }
        look()
    }

    fun showHeat(shown: Boolean) {
        state.update { it.copy(heat = shown) }
        look()
    }

    /** Keep the picture; once more takes that back. */
    fun keep() = mark(Verdict.NOT_MEME, R.plurals.review_kept)

    /** Mark the picture as a meme; once more takes that back. */
    fun markAsMeme() = mark(Verdict.MEME, R.plurals.review_marked)

    fun trash() = trash(listOfNotNull(state.value.current))

    private fun mark(verdict: Verdict, said: Int) {
        val picture = state.value.current ?: return
        val back = picture.mark == verdict
        work {
            Correction.make(app.marks, listOf(picture), if (back) null else verdict)
            judgeAgain()
            val sentence = if (back) R.plurals.review_forgotten else said
            message.set(Message { it.getQuantityString(sentence, 1, 1) })
        }
    }

    // A mark does not take a picture out of what is looked through, even if the filter would.
    private fun judgeAgain() {
        val judged = app.judged().associateBy { it.uri }
        state.update { old -> old.copy(judged = judged.filterKeys { it in old.judged }) }
    }

    private fun arrange(shown: Uri?) {
        val all = app.judged()
        val old = state.value
        val kept = if (old.loaded) {
            val there = all.mapTo(HashSet()) { it.uri }
            old.pictures.filter { it in there }
        } else {
            val album = Album.of(all, emptyList(), filter, System.currentTimeMillis())
            val pictures = album.pictures.map { it.uri }
            if (first in pictures) pictures else listOf(first)
        }
        // When the one shown went, the next one takes its place.
        val place = kept.indexOf(shown).let { if (it >= 0) it else old.place }
        state.update {
            it.copy(
                pictures = kept,
                place = place.coerceIn(0, maxOf(0, kept.size - 1)),
                judged = all.associateBy { one -> one.uri },
                loaded = true,
            )
        }
        look()
    }

    /** Get what is to be shown: the picture and its neighbours, the judgement, the heat map. */
    private fun look() {
        val now = state.value
        val uri = now.uri ?: return
        for (place in listOf(now.place, now.place + 1, now.place - 1)) {
            now.pictures.getOrNull(place)?.let(::read)
        }
        val unknown = now.judgement == null
        val cold = now.heat && pages[uri]?.heat == null
        if (unknown || cold) {
            work(app.executors.model, droppable = true) { judge(uri) }
        }
    }

    private fun read(uri: Uri) {
        if (pages[uri] != null) return
        pages.put(uri, Page())
        work(droppable = true) {
            val picture = Pictures.read(app, uri)
            put(uri) { it.copy(picture = picture, missing = picture == null) }
        }
    }

    private fun put(uri: Uri, change: (Page) -> Page) {
        pages.put(uri, change(pages[uri] ?: Page()))
        state.update { it.copy(pages = pages.snapshot()) }
    }

    private fun judge(uri: Uri) {
        // The user may have gone on since.
        if (state.value.uri != uri) return
        val content = Content.read(app.contentResolver, uri)
        val decoded = decode(content)
        val outputs = app.classifier.run(decoded)
        if (state.value.judged[uri] == null) {
            val known = Known(outputs.probability, decoded.fromCamera, outputs.keptEmbedding)
            val judge = app.verdicts.judge(app.thresholds, app.card.identity)
            val judgement = judge.judge(content.sha256, known)
            state.update { it.copy(others = it.others + (uri to judgement)) }
        }
        val picture = Pictures.read(app, uri) ?: return
        val heat = HeatMap.overlay(picture, outputs.heatMap)
        put(uri) { it.copy(heat = heat) }
    }

    private fun decode(content: Content): DecodedPicture = try {
        app.classifier.decode(content.bytes)
    } catch (error: IllegalArgumentException) {
        // What the platform's decoders throw where they have no better word.
        throw DamagedPicture().apply { initCause(error) }
    }

    override fun save(state: Bundle) {
        super.save(state)
        state.putBoolean(HEAT, this.state.value.heat)
        state.putParcelable(CURRENT, this.state.value.uri)
    }

    private companion object {
        const val PAGES = 3
        const val HEAT = "heat"
        const val CURRENT = "current"
    }
}
