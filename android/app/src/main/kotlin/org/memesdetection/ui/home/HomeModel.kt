package org.memesdetection.ui.home

import android.os.Bundle
import android.os.SystemClock
import java.io.Closeable
import org.memesdetection.App
import org.memesdetection.gallery.Access
import org.memesdetection.gallery.Permissions
import org.memesdetection.gallery.Phase
import org.memesdetection.gallery.ScanState
import org.memesdetection.gallery.Source
import org.memesdetection.model.MemesError
import org.memesdetection.model.Verdict
import org.memesdetection.server.Pong
import org.memesdetection.server.Server
import org.memesdetection.ui.State
import org.memesdetection.ui.ViewModel
import org.memesdetection.ui.review.Tally
import org.memesdetection.ui.review.judged

/**
 * What was found so far.
 *
 * @property judged pictures in all
 * @property lastCheck when the last scan or check ended, in ms since 1970; null before the first
 */
data class Found(val memes: Tally, val judged: Int, val lastCheck: Long?)

/** How the last ping went. */
sealed class Ping {
    object None : Ping()
    object Asking : Ping()

    /** There is no address in the settings. */
    object NoServer : Ping()
    class Answer(val pong: Pong) : Ping()
    class Failure(val error: MemesError) : Ping()
}

/**
 * What the first screen shows besides the scan.
 *
 * @property found null until it is read
 * @property denied the user was asked for the pictures and said no
 * @property blocked the system does not ask the user again: only its settings help
 */
data class HomeState(
    val access: Access,
    val denied: Boolean = false,
    val blocked: Boolean = false,
    val found: Found? = null,
    val ping: Ping = Ping.None,
)

/** What was found, the scan and the ping. */
class HomeModel(app: App, saved: Bundle?) : ViewModel(app) {
    val state = State(
        HomeState(Permissions.access(app), denied = saved?.getBoolean(DENIED) ?: false),
    )
    val scan: State<ScanState> get() = app.scanner.state

    private var counted = 0L
    private val scanning: Closeable

    init {
        var last: Phase? = null
        scanning = scan.observe { now ->
            if (last != now.phase) {
                refresh()
            } else if (now.isBusy) {
                refreshSoon()
            }
            last = now.phase
        }
    }

    /** The screen is seen again: the user may come from the system's settings. */
    fun show(blocked: Boolean) {
        state.update { it.copy(blocked = blocked) }
        refresh()
    }

    /** See what was found and what the app may see; others may have changed it. */
    fun refresh() {
        state.update { it.copy(access = Permissions.access(app)) }
        work(droppable = true) {
            val judged = app.judged()
            val memes = Tally.of(judged.filter { it.verdict == Verdict.MEME })
            val found = Found(memes, judged.size, app.scanner.lastCheck())
            state.update { it.copy(found = found) }
        }
    }

    private fun refreshSoon() {
        val now = SystemClock.elapsedRealtime()
        if (now - counted < COUNT_MS) return
        counted = now
        refresh()
    }

    /** The user was asked for the pictures: scan those that the app may see now. */
    fun permitted(blocked: Boolean) {
        val access = Permissions.access(app)
        state.update { it.copy(access = access, denied = access == Access.NONE, blocked = blocked) }
        if (access != Access.NONE) scan()
    }

    fun scan() = app.scanner.start(Source.Library(app.settings.folders))

    fun pause() = app.scanner.pause()

    fun resume() = app.scanner.resume()

    fun cancel() = app.scanner.cancel()

    /** Ask the server whether it is there. */
    fun ping() {
        val address = app.settings.serverAddress
        if (address.isEmpty()) {
            show(Ping.NoServer)
            return
        }
        if (state.value.ping == Ping.Asking) return
        show(Ping.Asking)
        app.executors.network.execute {
            show(
                try {
                    Ping.Answer(Server(address, app.settings.serverKey).use { it.ping() })
                } catch (error: MemesError) {
                    Ping.Failure(error)
                },
            )
        }
    }

    private fun show(ping: Ping) = state.update { it.copy(ping = ping) }

    override fun save(state: Bundle) {
        super.save(state)
        state.putBoolean(DENIED, this.state.value.denied)
    }

    override fun close() {
        scanning.close()
        super.close()
    }

    private companion object {
        const val COUNT_MS = 2_000L
        const val DENIED = "denied"
    }
}
