package org.memesdetection.ui.check

import android.content.ContentResolver
import android.database.Cursor
import android.net.Uri
import android.os.Bundle
import android.provider.OpenableColumns
import java.io.FileNotFoundException
import java.util.concurrent.Executor
import org.memesdetection.App
import org.memesdetection.R
import org.memesdetection.data.Judge
import org.memesdetection.data.Known
import org.memesdetection.gallery.TreeGallery
import org.memesdetection.model.Content
import org.memesdetection.model.DamagedPicture
import org.memesdetection.model.HugePicture
import org.memesdetection.model.MemesError
import org.memesdetection.model.PictureError
import org.memesdetection.server.Server
import org.memesdetection.server.ServerAddress
import org.memesdetection.server.ServerError
import org.memesdetection.server.Upload
import org.memesdetection.ui.Message
import org.memesdetection.ui.State
import org.memesdetection.ui.ViewModel

/**
 * Judges the pictures that the user picked or another app shared, on the phone or on the server.
 * They are not written down: the right to read them ends with the screen.
 */
class CheckModel(app: App, where: Where, saved: Bundle?) : ViewModel(app) {
    val state = State(CheckState(before(saved) ?: where))

    /** Whether the user was already asked for pictures. */
    var asked = saved != null

    // Counts the runs, so that a run that was overtaken tells nothing any more.
    @Volatile private var run = 0

    @Volatile private var server: Server? = null

    init {
        @Suppress("DEPRECATION")
        val uris = saved?.getParcelableArrayList<Uri>(PICTURES).orEmpty()
        if (uris.isNotEmpty()) {
            // Pictures are sent only when the user says so, not because the process came back.
            look(uris, start = state.value.where == Where.PHONE)
        }
    }

    /** Take pictures in place of those that are there. */
    fun take(uris: List<Uri>) {
        // A path of the app's own files would let another app have them judged.
        val contents = uris.filter { it.scheme == ContentResolver.SCHEME_CONTENT }.distinct()
        if (contents.isEmpty()) {
            message.set(Message { it.getString(R.string.check_nothing) })
        } else {
            look(contents, start = true)
        }
    }

    /** Take the pictures of a folder, and those of the folders in it. */
    fun takeFolder(tree: Uri) = listed {
        val photos = TreeGallery(app.contentResolver).photos(tree)
        if (photos.isEmpty()) message.set(Message { it.getString(R.string.check_folder_empty) })
        photos.map { Checked(it.uri, it.name, it.bytes) }
    }

    private fun look(uris: List<Uri>, start: Boolean) = listed(start) { uris.map(::picture) }

    private fun listed(start: Boolean = true, list: () -> List<Checked>) {
        val own = begin()
        state.update { it.copy(listing = true, stopped = false, error = null) }
        work(failed = { state.update { it.copy(listing = false) } }, droppable = true) {
            val pictures = list()
            state.update {
                it.copy(pictures = pictures, only = Only.ALL, listing = false, stopped = !start)
            }
            if (start && own == run) goOn()
        }
    }

    /** Judge all again there. */
    fun move(where: Where) {
        if (where == state.value.where) return
        begin()
        state.update { old ->
            old.copy(where = where, pictures = old.pictures.map { it.copy(outcome = null) })
        }
        goOn()
    }

    fun show(only: Only) = state.update { it.copy(only = only) }

    /** Judge what waits no more, for now. */
    fun stop() {
        begin()
        state.update { it.copy(running = false, stopped = true) }
    }

    /** Judge what waits. */
    fun goOn() {
        val own = begin()
        val waiting = state.value.pictures.filter { it.outcome == null }
        state.update { it.copy(running = waiting.isNotEmpty(), stopped = false, error = null) }
        if (waiting.isEmpty()) return
        when (state.value.where) {
            Where.PHONE -> judgeHere(waiting, own)
            Where.SERVER -> judgeThere(waiting, own)
        }
    }

    /** Do [task] of a run, which then is over unless [task] says that it goes on. */
    private fun inRun(own: Int, executor: Executor, task: () -> Boolean) = executor.execute {
        if (own != run) return@execute
        var goesOn = false
        try {
            goesOn = task()
        } catch (error: MemesError) {
            if (own == run) state.update { it.copy(error = error, stopped = true) }
        } finally {
            if (own == run && !goesOn) state.update { it.copy(running = false) }
        }
    }

    /** What ran before is over. */
    private fun begin(): Int {
        val own = ++run
        server?.close()
        server = null
        return own
    }

    /** One picture a task, so that one that is opened meanwhile need not wait for all. */
    private fun judgeHere(pictures: List<Checked>, own: Int, before: Judge? = null): Unit =
        inRun(own, app.executors.model) {
            val judge = before ?: app.verdicts.judge(app.thresholds, app.card.identity)
            val picture = pictures.first()
            put(picture.uri, outcome(picture, judge), own)
            val rest = pictures.drop(1)
            if (rest.isNotEmpty()) judgeHere(rest, own, judge)
            rest.isNotEmpty()
        }

    private fun outcome(picture: Checked, judge: Judge): Outcome = try {
        val content = Content.read(app.contentResolver, picture.uri)
        val decoded = app.classifier.decode(content.bytes)
        val outputs = app.classifier.run(decoded)
        val known = Known(outputs.probability, decoded.fromCamera, outputs.keptEmbedding)
        Outcome.OnPhone(judge.judge(content.sha256, known))
    } catch (error: PictureError) {
        Outcome.Failed(error)
    } catch (_: OutOfMemoryError) {
        Outcome.Failed(HugePicture(R.string.picture_no_memory))
    } catch (_: IllegalArgumentException) {
        // What the platform's decoders throw where they have no better word.
        Outcome.Failed(DamagedPicture())
    }

    private fun judgeThere(pictures: List<Checked>, own: Int) = inRun(own, app.executors.network) {
        ask(pictures, own)
        false
    }

    private fun ask(pictures: List<Checked>, own: Int) {
        val settings = app.settings
        val host = ServerAddress.of(settings.serverAddress).host
        state.update { it.copy(host = host) }
        val asking = Server(settings.serverAddress, settings.serverKey)
        server = asking
        if (own != run) return
        try {
            val uploads = pictures.map { Upload("${it.uri}", { open(it.uri) }, it.bytes) }
            asking.predict(uploads) { put(Uri.parse(it.name), Outcome.of(it), own) }
        } catch (error: ServerError) {
            if (error.kind != ServerError.Kind.STOPPED) throw error
        }
    }

    private fun open(uri: Uri) =
        app.contentResolver.openInputStream(uri) ?: throw FileNotFoundException("$uri")

    private fun put(uri: Uri, outcome: Outcome, own: Int) {
        state.update { old ->
            if (own != run) return@update old
            val pictures = old.pictures.map {
                if (it.uri ==
                    uri
                ) {
                    it.copy(outcome = outcome)
                } else {
                    it
                }
            }
            old.copy(pictures = pictures)
        }
    }

    private fun picture(uri: Uri): Checked = try {
        app.contentResolver.query(uri, COLUMNS, null, null, null)?.use { row ->
            if (row.moveToFirst()) Checked(uri, name(row) ?: named(uri), bytes(row)) else null
        } ?: Checked(uri, named(uri), 0)
    } catch (_: RuntimeException) {
        // Providers throw what they like; whether the picture can be read shows when it is.
        Checked(uri, named(uri), 0)
    }

    private fun name(row: Cursor): String? =
        row.getColumnIndex(OpenableColumns.DISPLAY_NAME).takeIf { it >= 0 }?.let(row::getString)

    private fun bytes(row: Cursor): Long =
        row.getColumnIndex(OpenableColumns.SIZE).takeIf { it >= 0 }?.let(row::getLong) ?: 0

    private fun named(uri: Uri) = uri.lastPathSegment ?: app.getString(R.string.check_unnamed)

    override fun save(state: Bundle) {
        super.save(state)
        state.putString(WHERE, this.state.value.where.name)
        val uris = this.state.value.pictures.map { it.uri }
        if (uris.size <= MOST_KEPT) state.putParcelableArrayList(PICTURES, ArrayList(uris))
    }

    override fun close() {
        begin()
        super.close()
    }

    private companion object {
        const val PICTURES = "pictures"
        const val WHERE = "where"

        // A state that is too large for the system is lost as a whole.
        const val MOST_KEPT = 1_000
        val COLUMNS = arrayOf(OpenableColumns.DISPLAY_NAME, OpenableColumns.SIZE)

        fun before(saved: Bundle?): Where? =
            saved?.getString(WHERE)?.let { name -> Where.values().find { it.name == name } }
    }
}
