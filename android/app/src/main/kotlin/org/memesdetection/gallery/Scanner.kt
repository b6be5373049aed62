package org.memesdetection.gallery

import android.content.Context
import android.net.Uri
import android.os.Process
import android.provider.MediaStore
import android.util.Log
import java.util.concurrent.Executor
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import org.memesdetection.data.Database
import org.memesdetection.data.Failure
import org.memesdetection.data.Finding
import org.memesdetection.data.Judged
import org.memesdetection.data.Scans
import org.memesdetection.data.Verdicts
import org.memesdetection.model.Card
import org.memesdetection.model.Classifier
import org.memesdetection.model.MemesError
import org.memesdetection.model.ModelError
import org.memesdetection.model.Thresholds
import org.memesdetection.model.UnreadableFile
import org.memesdetection.model.Verdict
import org.memesdetection.ui.State

/** How a run of the scanner ended. */
enum class Ended { DONE, PAUSED, SUSPENDED, CANCELLED, FAILED }

/**
 * Judges the phone's pictures, one after the other, on a thread of its own. There is one in the
 * process. What was judged is written down within a second, and so is that a scan is on: after the
 * process was ended, [resumeIfInterrupted] goes on where it was.
 *
 * @param card of the model; may throw [ModelError].
 * @param classifier loaded only when there is something to judge; may throw [ModelError].
 * @param thresholds the user's.
 * @param onChange told on the scan's thread whether a scan of the user's is on that a later process
 *   would have to go on with.
 * @param executor runs one scan at a time.
 * @param nanoseconds a clock that never goes back.
 * @param milliseconds since 1970.
 */
class Scanner(
    private val context: Context,
    private val gallery: MediaGallery,
    private val trees: TreeGallery,
    database: Database,
    private val verdicts: Verdicts,
    private val card: () -> Card,
    private val classifier: () -> Classifier,
    private val thresholds: () -> Thresholds,
    private val onChange: (Boolean) -> Unit = {},
    private val executor: Executor = ownThread(),
    private val nanoseconds: () -> Long = System::nanoTime,
    private val milliseconds: () -> Long = System::currentTimeMillis,
) {
    private val scans = Scans(database)
    private val lock = Any()
    private var current: Run? = null

    /** How the scan stands; survives screens, not the process. */
    val state = State(ScanState())

    private class Run(val source: Source, val kind: String) {
        @Volatile var wish: Ended? = null
        val finished = ArrayList<(Ended, List<Judged>) -> Unit>()
    }

    /** Whether a scan runs. */
    val isRunning: Boolean get() = synchronized(lock) { current != null }

    /**
     * Start a scan, unless one that the user started runs; a check in the background makes way.
     *
     * @param finished told on the scan's thread how it ended, with the memes that it came by since
     *   it was first started.
     */
    fun start(source: Source, finished: (Ended, List<Judged>) -> Unit = { _, _ -> }) {
        val run = Run(source, if (source is Source.New) CHECK else USER)
        run.finished += finished
        synchronized(lock) {
            current?.let {
                if (it.kind == USER || run.kind == CHECK) {
                    it.finished += finished
                    return
                }
                it.wish = Ended.SUSPENDED
            }
            current = run
        }
        show(run) { ScanState(Phase.LISTING) }
        executor.execute { run(run) }
    }

    /** Stop the user's scan for now; [resume] goes on. */
    fun pause() {
        wish(Ended.PAUSED, USER)
    }

    /** Stop for now, because the system wants it; [resumeIfInterrupted] goes on. */
    fun suspend() {
        wish(Ended.SUSPENDED, USER, CHECK)
    }

    /** As [suspend], but only a check in the background; its next one goes on. */
    fun suspendCheck() {
        wish(Ended.SUSPENDED, CHECK)
    }

    /** Stop the user's scan for good. What was judged stays. */
    fun cancel() {
        if (wish(Ended.CANCELLED, USER)) return
        suspendCheck()
        executor.execute {
            try {
                scans.close(USER)
                onChange(false)
                state.update { if (it.isBusy) it else ScanState() }
            } catch (error: MemesError) {
                state.set(ScanState(Phase.FAILED, error = error))
            }
        }
    }

    /** Go on with a scan that was paused or failed. */
    fun resume() {
        suspendCheck()
        executor.execute {
            try {
                scans.open(USER)?.let { start(Source.read(it.source)) }
            } catch (error: MemesError) {
                state.set(ScanState(Phase.FAILED, error = error))
            }
        }
    }

    /**
     * Go on with a scan that ended with its process. A paused one is shown as that and waits.
     *
     * Reads the database: not for the main thread.
     */
    fun resumeIfInterrupted() {
        if (isRunning) return
        val open = try {
            scans.open(USER) ?: return
        } catch (error: MemesError) {
            state.set(ScanState(Phase.FAILED, error = error))
            return
        }
        if (open.paused) {
            state.update { if (it.phase == Phase.IDLE) it.copy(phase = Phase.PAUSED) else it }
        } else {
            start(Source.read(open.source))
        }
    }

    /** Call [finished] when no scan runs, at once if none does; on the scan's thread or this one. */
    fun whenIdle(finished: () -> Unit) {
        synchronized(lock) {
            current?.let {
                it.finished += { _, _ -> finished() }
                return
            }
        }
        finished()
    }

    /**
     * When a scan or check last came to its end, in milliseconds since 1970; null before the first.
     *
     * Reads the database: not for the main thread.
     */
    fun lastCheck(): Long? = scans.marker(ENDED)?.toLong()

    /** Ask what runs to stop, if it is of one of these kinds; whether it is. */
    private fun wish(wish: Ended, vararg kinds: String): Boolean = synchronized(lock) {
        current?.takeIf { it.kind in kinds }?.let { it.wish = wish } != null
    }

    private fun run(run: Run) {
        var found = emptyList<Judged>()
        val ended = try {
            val open = remember(run)
            val ended = scan(run)
            settle(run, open, ended)
            if (run.source is Source.New && ended == Ended.DONE) found = memesSince(open.started)
            ended
        } catch (error: Exception) {
            Log.w(TAG, error)
            val told = error as? MemesError ?: BrokenScan().apply { initCause(error) }
            show(run) { it.copy(phase = Phase.FAILED, secondsLeft = null, error = told) }
            Ended.FAILED
        }
        val listeners = synchronized(lock) {
            if (current === run) current = null
            run.finished.toList()
        }
        for (one in listeners) one(ended, found)
    }

    /** A check in the background shows nothing, nor does what makes way. */
    private fun show(run: Run, change: (ScanState) -> ScanState) {
        if (run.kind == USER && synchronized(lock) { current === run }) state.update(change)
    }

    private fun remember(run: Run): Scans.Open {
        val before = scans.open(run.kind)
        val same = before != null && before.source == run.source.kept()
        val started = if (same) before!!.started else milliseconds()
        val open = Scans.Open(run.source.kept(), started, paused = false)
        scans.put(run.kind, open)
        if (run.kind == USER) onChange(true)
        return open
    }

    private fun settle(run: Run, open: Scans.Open, ended: Ended) {
        when (ended) {
            Ended.DONE -> {
                scans.close(run.kind)
                // What a check had left to look at was looked at now.
                if (run.source is Source.Library) scans.close(CHECK)
                scans.mark(ENDED, "${milliseconds()}")
            }

            Ended.CANCELLED -> scans.close(run.kind)

            Ended.PAUSED -> scans.put(run.kind, Scans.Open(open.source, open.started, true))

            else -> Unit
        }
        if (run.kind == USER && ended != Ended.SUSPENDED) onChange(false)
        show(run) {
            when (ended) {
                Ended.DONE -> it.copy(phase = Phase.DONE, secondsLeft = null)
                Ended.CANCELLED -> ScanState()
                else -> it.copy(phase = Phase.PAUSED, secondsLeft = null)
            }
        }
    }

    private fun scan(run: Run): Ended {
        show(run) { ScanState(Phase.LISTING) }
        val now = if (run.source is Source.Tree) null else gallery.now()
        val photos = list(run.source)
        val model = card().identity
        val known = verdicts.known(photos, model)
        val left = photos.filter { it.uri !in known }
        val pass = Pass(run, model, left.size)
        show(run) { pass.begun(known, photos) }
        if (left.isNotEmpty()) {
            val judging = Judging(context.contentResolver, verdicts, classifier(), model)
            try {
                for (photo in left) {
                    if (run.wish != null) break
                    pass.judge(photo, judging)
                }
            } catch (error: Exception) {
                pass.flush()
                throw error
            }
            pass.flush()
        }
        run.wish?.let { return it }
        now?.let { scans.mark(SEEN, it.kept()) }
        return Ended.DONE
    }

    private fun list(source: Source): List<Photo> = when (source) {
        is Source.Tree -> trees.photos(source.uri)

        is Source.Library -> {
            val folders = source.folders ?: gallery.usual()
            gallery.photos(folders).also { forgetGone(folders, it) }
        }

        is Source.New -> {
            val since = scans.marker(SEEN)?.let(Since::read)
            when {
                since != null && since == gallery.now() -> emptyList()
                else -> gallery.photos(source.folders ?: gallery.usual(), since)
            }
        }
    }

    /** Forget what the phone does not have any more, where the app sees all that it has. */
    private fun forgetGone(folders: Set<String>?, photos: List<Photo>) {
        if (Permissions.access(context) != Access.ALL) return
        val there = photos.mapTo(HashSet()) { it.uri }
        val gone = verdicts.folders()
            .filterKeys { folder -> folders == null || folders.any { folder.isBelow(it) } }
            .values.flatten().filter { it.authority == MediaStore.AUTHORITY && it !in there }
        if (gone.isNotEmpty()) verdicts.remove(gone)
    }

    private fun memesSince(started: Long): List<Judged> =
        verdicts.all(thresholds(), card().identity, started)
            .filter { it.verdict == Verdict.MEME }

    /** One pass over the pictures that are not judged yet. */
    private inner class Pass(
        private val run: Run,
        private val model: String,
        private var left: Int,
    ) {
        private val rate = Rate(nanoseconds)
        private val thresholds = thresholds()
        private val tally = Tally(verdicts.judge(thresholds, model))
        private val unwritten = ArrayList<Finding>()
        private var firstUnwritten = 0L

        fun begun(known: Set<Uri>, photos: List<Photo>): ScanState {
            val before = verdicts.all(thresholds, model).filter { it.uri in known }
            return tally.of(before)
                .copy(phase = Phase.RUNNING, done = known.size, total = photos.size)
        }

        fun judge(photo: Photo, judging: Judging) {
            val finding = judging.find(photo, unwritten)
            if (finding is Failure && Permissions.access(context) == Access.NONE) throw NoAccess()
            left--
            if (gone(finding)) {
                show(run) { it.copy(total = it.total - 1) }
                return
            }
            if (unwritten.isEmpty()) firstUnwritten = nanoseconds()
            unwritten += finding
            if (unwritten.size >= MOST_UNWRITTEN || nanoseconds() - firstUnwritten > SECOND) flush()
            rate.tick()
            show(run) {
                tally.add(it, finding).copy(
                    done = it.done + 1,
                    picturesPerSecond = rate.perSecond,
                    secondsLeft = rate.secondsFor(left),
                )
            }
        }

        /** Whether the picture went while the scan ran, so that nobody needs to hear of it. */
        private fun gone(finding: Finding): Boolean =
            finding is Failure && finding.error is UnreadableFile &&
                finding.photo.uri.authority == MediaStore.AUTHORITY &&
                gallery.photo(finding.photo.uri) == null

        fun flush() {
            if (unwritten.isEmpty()) return
            verdicts.put(unwritten, model)
            unwritten.clear()
        }
    }

    companion object {
        private const val TAG = "Scanner"
        private const val USER = "user"
        private const val CHECK = "check"
        private const val SEEN = "seen"
        private const val ENDED = "ended"
        private const val MOST_UNWRITTEN = 32
        private const val SECOND = 1_000_000_000L

        /** A thread that does not take time from what the user does, and ends when idle. */
        private fun ownThread(): Executor =
            ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, LinkedBlockingQueue()) { task ->
                Thread({
                    Process.setThreadPriority(Process.THREAD_PRIORITY_BACKGROUND)
                    task.run()
                }, "scan")
            }.apply { allowCoreThreadTimeOut(true) }
    }
}
