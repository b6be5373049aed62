package org.memesdetection.ui.review

import android.content.res.Resources
import android.os.Bundle
import org.memesdetection.App
import org.memesdetection.R
import org.memesdetection.background.Background
import org.memesdetection.cleaning.Cleaning
import org.memesdetection.data.Judged
import org.memesdetection.model.MemesError
import org.memesdetection.model.Verdict
import org.memesdetection.ui.Format
import org.memesdetection.ui.Message
import org.memesdetection.ui.State
import org.memesdetection.ui.ViewModel

/**
 * A view model that moves pictures to the trash and back. What the user must be asked first goes
 * out by [ask]; the screen calls back with the answer.
 *
 * The system's dialog takes so many pictures at once: of more it asks again until all are through.
 */
abstract class CleaningModel(app: App, saved: Bundle?) : ViewModel(app) {
    /** What to ask the user now. */
    val ask = State<Ask?>(null)

    /** Pictures are looked through, moved or put back; nothing else can be begun meanwhile. */
    val busy = State(false)

    /** Pictures that wait for a yes: of the system in its dialog, or of the user here. */
    private var forSystem = emptyList<Judged>()
    private var forOwn = emptyList<Judged>()

    /** What the system's dialog that is open asks about; as URIs it outlives the process. */
    private var asked = saved?.getStringArrayList(ASKED)?.toList().orEmpty()

    /** Clean-ups to take back; the first is what the system's dialog asks about. */
    private var undoing = saved?.getLongArray(UNDOING)?.toList().orEmpty()

    /** What went since the user asked for it. */
    private var cleanups = emptyList<Long>()
    private var went = Tally()
    private var stayed = 0

    /** Read again: pictures went, came back or have other verdicts. On the disk's thread. */
    protected abstract fun reload()

    /** Move pictures to the trash, once all that must be asked is answered. */
    fun trash(pictures: List<Judged>) {
        if (pictures.isEmpty() || !isFree) return
        plan(pictures)
        val others = pictures.count { it.verdict != Verdict.MEME }
        if (others > 0) ask.set(Ask.Others(pictures.size, others)) else busily(task = ::next)
    }

    private val isFree get() = ask.value == null && !busy.value

    private fun busily(failed: (MemesError) -> Unit = {}, task: () -> Unit) {
        busy.set(true)
        work(failed = failed) {
            try {
                task()
            } finally {
                busy.set(false)
            }
        }
    }

    private fun plan(pictures: List<Judged>) {
        val (system, own) = pictures.partition(app.cleaning::usesSystemTrash)
        forSystem = system
        forOwn = own
        cleanups = emptyList()
        went = Tally()
        stayed = 0
    }

    /** The answer to [Ask.Others]: all of them, or [onlyMemes]. */
    fun go(onlyMemes: Boolean) {
        ask.set(null)
        if (onlyMemes) plan((forSystem + forOwn).filter { it.verdict == Verdict.MEME })
        busily(task = ::next)
    }

    /** The user does not want it after all. */
    fun cancel() {
        ask.set(null)
        plan(emptyList())
    }

    /** Go on with what waits; [say] what happened when nothing does. */
    private fun next() {
        when {
            isClosed -> Unit
            forSystem.isNotEmpty() -> askSystem()
            forOwn.isNotEmpty() -> ask.set(Ask.Own(Tally.of(forOwn)))
            else -> say()
        }
    }

    private fun askSystem() {
        val some = forSystem.take(Cleaning.MOST_AT_ONCE)
        forSystem = forSystem.drop(some.size)
        val checked = app.cleaning.check(some)
        stayed += checked.changed.size
        if (checked.sound.isEmpty()) {
            next()
        } else {
            asked = checked.sound.map { it.uri.toString() }
            ask.set(Ask.System(app.cleaning.trashRequest(checked.sound)))
        }
    }

    /** The answer to [Ask.Own] is yes. */
    fun moveToOwnTrash() {
        ask.set(null)
        val pictures = forOwn
        forOwn = emptyList()
        busily {
            val checked = app.cleaning.check(pictures)
            val moved = app.cleaning.moveToOwnTrash(checked.sound)
            stayed += checked.changed.size
            if (moved.moved.isNotEmpty()) {
                Background.emptyTrash(app, true)
                add(moved.cleanup, moved.moved)
            }
            reload()
            say(moved.failed.size, moved.failed.firstOrNull()?.second)
        }
    }

    /** The system's dialog is on the screen; it is not to be shown again after a rotation. */
    fun asking() = ask.set(null)

    /** The system's dialog was answered. */
    fun answered(yes: Boolean) = busily {
        when {
            undoing.isNotEmpty() -> undone(yes)
            yes -> trashed()
            else -> refused()
        }
    }

    private fun trashed() {
        val uris = asked.toSet()
        asked = emptyList()
        val pictures = app.judged().filter { it.uri.toString() in uris }
        if (pictures.isNotEmpty()) add(app.cleaning.trashed(pictures), pictures)
        reload()
        next()
    }

    private fun refused() {
        asked = emptyList()
        app.cleaning.refused()
        forSystem = emptyList()
        next()
    }

    private fun add(cleanup: Long, pictures: List<Judged>) {
        val more = Tally.of(pictures)
        cleanups = cleanups + cleanup
        went = Tally(went.count + more.count, went.bytes + more.bytes)
    }

    /** Say what went, what stayed because it changed, and what [failed] for a reason. */
    private fun say(failed: Int = 0, error: MemesError? = null) {
        val tally = went
        val changed = stayed
        if (tally.count == 0 && changed == 0 && error == null) return
        val numbers = cleanups
        val undo = if (numbers.isEmpty()) 0 else R.string.undo
        message.set(
            Message(undo, { undo(numbers) }) { resources ->
                listOfNotNull(
                    if (tally.count > 0) trashedText(resources, tally) else null,
                    if (changed >
                        0
                    ) {
                        counted(resources, R.plurals.cleanups_changed, changed)
                    } else {
                        null
                    },
                    if (failed > 0) counted(resources, R.plurals.cleanups_failed, failed) else null,
                    error?.text(resources),
                ).joinToString(" ")
            },
        )
    }

    private fun trashedText(resources: Resources, tally: Tally) = resources.getQuantityString(
        R.plurals.cleanups_trashed,
        tally.count,
        tally.count,
        Format.bytes(resources, tally.bytes),
    )

    private fun counted(resources: Resources, sentence: Int, count: Int) =
        resources.getQuantityString(sentence, count, count)

    /** Take clean-ups back, by number. */
    fun undo(cleanups: List<Long>) {
        if (cleanups.isEmpty() || !isFree) return
        busily(failed = { undoing = emptyList() }) { takeBack(cleanups) }
    }

    private fun takeBack(numbers: List<Long>) {
        val cleanup = app.cleaning.cleanups().find { it.number == numbers.first() }
        if (cleanup?.inSystemTrash == true) {
            if (isClosed) return
            undoing = numbers
            ask.set(Ask.System(app.cleaning.undoRequest(cleanup.number)))
            return
        }
        val back = app.cleaning.restore(numbers.first())
        reload()
        if (numbers.size > 1) {
            takeBack(numbers.drop(1))
        } else {
            message.set(
                Message { resources ->
                    listOfNotNull(
                        counted(resources, R.plurals.cleanups_restored, back.restored),
                        back.failed.firstOrNull()?.run { first + ": " + second.text(resources) },
                    ).joinToString(" ")
                },
            )
        }
    }

    private fun undone(yes: Boolean) {
        val numbers = undoing
        undoing = emptyList()
        if (!yes) {
            app.cleaning.refused()
            return
        }
        app.cleaning.undone(numbers.first())
        reload()
        if (numbers.size > 1) {
            takeBack(numbers.drop(1))
        } else {
            message.set(Message { it.getString(R.string.cleanups_back) })
        }
    }

    override fun save(state: Bundle) {
        super.save(state)
        state.putStringArrayList(ASKED, ArrayList(asked))
        state.putLongArray(UNDOING, undoing.toLongArray())
    }

    private companion object {
        const val ASKED = "asked"
        const val UNDOING = "undoing"
    }
}
