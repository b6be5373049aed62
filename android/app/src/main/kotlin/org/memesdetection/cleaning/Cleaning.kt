package org.memesdetection.cleaning

import android.app.PendingIntent
import android.content.Context
import android.database.sqlite.SQLiteException
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.provider.MediaStore
import java.io.IOException
import org.memesdetection.NeedsApi
import org.memesdetection.background.Background
import org.memesdetection.cleaning.CleaningError.Kind
import org.memesdetection.data.Database
import org.memesdetection.data.Judged
import org.memesdetection.gallery.Access
import org.memesdetection.gallery.GalleryError
import org.memesdetection.gallery.MediaGallery
import org.memesdetection.gallery.NoAccess
import org.memesdetection.gallery.NoStorage
import org.memesdetection.gallery.Permissions
import org.memesdetection.gallery.Photo
import org.memesdetection.gallery.TreeGallery
import org.memesdetection.model.MemesError

/**
 * Moves pictures to the trash and puts them back. Only ever on the user's yes; nothing here is
 * called by a scan or a job, but for emptying the app's own trash after 30 days.
 *
 * What is going to happen to a file is in the journal, on the disk, before anything happens to it.
 * So whenever the process ends, [settle] can say where each file is. Slow: not for the main thread.
 * All functions throw `StoreError` where the journal cannot be kept; then nothing was moved.
 *
 * @param clock milliseconds since 1970.
 * @param reached for tests, which end the process at each step.
 */
class Cleaning internal constructor(
    private val context: Context,
    database: Database,
    clock: () -> Long,
    private val reached: (Step) -> Unit,
) {
    constructor(context: Context, database: Database) :
        this(context, database, System::currentTimeMillis, {})

    private val resolver = context.contentResolver
    private val gallery = MediaGallery(context)
    private val trees = TreeGallery(resolver)
    private val journal = Journal(database, clock)
    private val trash = OwnTrash(context)
    private val media = MediaPlace(context, gallery)
    private val documents = DocumentPlace(resolver)
    private val now = clock

    /** Whether a picture goes to the system's trash, by its dialog, or to the app's own. */
    fun usesSystemTrash(picture: Judged): Boolean =
        Build.VERSION.SDK_INT >= 30 && picture.uri.authority == MediaStore.AUTHORITY

    /**
     * Look at each file once more: only those that still are what was judged, by size, date and
     * content, may be moved.
     */
    fun check(pictures: List<Judged>): Checked {
        val (sound, changed) = pictures.partition { picture ->
            photo(picture)?.let { same(picture, it) } == true
        }
        return Checked(sound, changed)
    }

    private fun photo(picture: Judged): Photo? = when (picture.uri.authority) {
        MediaStore.AUTHORITY -> gallery.photo(picture.uri)
        else -> trees.photo(picture.uri, picture.folder)
    }

    private fun same(picture: Judged, now: Photo): Boolean =
        now.bytes == picture.bytes && now.modified == picture.modified &&
            Copying.holds(
                { resolver.openInputStream(picture.uri) ?: throw IOException() },
                picture.sha256,
            )

    /**
     * What to start for the system's dialog, from API 30 on. When the user says yes, call
     * [trashed], else [refused].
     *
     * @param pictures sound ones, at most [MOST_AT_ONCE], all of which [usesSystemTrash].
     * @throws CleaningError a picture is gone.
     */
    @NeedsApi(30)
    @Synchronized
    fun trashRequest(pictures: List<Judged>): PendingIntent {
        require(pictures.size in 1..MOST_AT_ONCE)
        settleSystemTrash()
        journal.begin(pictures.map { move(it, photo(it) ?: throw CleaningError(Kind.GONE), null) })
        return request(pictures.map { it.uri }, true)
    }

    /**
     * After the dialog's yes: keep in the journal what is in the trash now.
     *
     * @return the clean-up's number.
     */
    @NeedsApi(30)
    @Synchronized
    fun trashed(pictures: List<Judged>): Long {
        val uris = pictures.mapTo(HashSet()) { it.uri }
        // The process may have ended while the dialog was open, and settled what it found.
        val asked = journal.files(FileState.MOVING, FileState.STAYED)
            .filter { it.move.kept == null && it.move.uri in uris }
        val last = asked.maxOfOrNull { it.cleanup } ?: throw CleaningError(Kind.GONE)
        journal.record(asked.filter { it.cleanup == last }.map(::settledMove))
        return last
    }

    /** After the dialog's no: nothing was moved. */
    @Synchronized
    fun refused() {
        if (Build.VERSION.SDK_INT >= 30) settleSystemTrash()
    }

    /**
     * Move pictures to the app's own trash: below API 30, and those in folders that the user chose.
     * Each is copied, the copy compared, and only then the picture removed.
     *
     * @param pictures sound ones.
     */
    @Synchronized
    fun moveToOwnTrash(pictures: List<Judged>): Moved {
        val time = now()
        val failed = ArrayList<Pair<Judged, MemesError>>()
        val moves = ArrayList<Pair<Judged, Move>>()
        for ((index, picture) in pictures.withIndex()) {
            try {
                val photo = photo(picture) ?: throw CleaningError(Kind.GONE)
                val path = if (isMedia(picture.uri)) gallery.path(picture.uri) else null
                val kept = trash.place(picture.name, path, time, index)
                moves += Pair(picture, move(picture, photo, kept, path))
            } catch (error: MemesError) {
                failed += Pair(picture, error)
            }
        }
        if (moves.isEmpty()) return Moved(0, emptyList(), failed)
        val entries = journal.begin(moves.map { it.second })
        Background.emptyTrash(context, true)
        reached(Step.INTENDED)
        val moved = ArrayList<Judged>()
        for ((index, entry) in entries.withIndex()) {
            val picture = moves[index].first
            try {
                moveOne(entry)
                moved += picture
            } catch (error: Exception) {
                journal.record(settledMove(entry))
                failed += Pair(picture, Copying.told(error))
            }
        }
        return Moved(entries.first().cleanup, moved, failed)
    }

    private fun move(
        picture: Judged,
        photo: Photo,
        kept: java.io.File?,
        path: java.io.File? = null,
    ) = Move(
        uri = picture.uri,
        path = path,
        parent = if (isMedia(picture.uri)) null else documents.parent(picture.uri),
        name = picture.name,
        folder = picture.folder,
        mime = photo.mime,
        bytes = picture.bytes,
        modified = picture.modified,
        taken = picture.taken,
        sha256 = picture.sha256,
        kept = kept,
    )

    private fun moveOne(entry: Entry) {
        val move = entry.move
        val kept = move.kept!!
        val place = place(move)
        if (!place.isSame(move)) throw CleaningError(Kind.CHANGED)
        trash.prepare(kept)
        val part = trash.part(kept)
        Copying.copy({ place.open(move) }, part, move.sha256)
        part.setLastModified(move.modified * 1000)
        reached(Step.COPIED)
        if (!part.renameTo(kept)) throw IOException("$part cannot be renamed")
        Copying.syncFolder(kept.parentFile!!)
        reached(Step.KEPT)
        // Nothing was written to it while it was copied.
        if (!place.isSame(move)) throw CleaningError(Kind.CHANGED)
        place.remove(move)
        reached(Step.REMOVED)
        journal.record(entry.copy(state = FileState.MOVED))
    }

    /**
     * What to start for the system's dialog that takes a clean-up out of the system's trash. When
     * the user says yes, call [undone], else [refused].
     *
     * @throws CleaningError none of it is in the trash any more.
     */
    @NeedsApi(30)
    @Synchronized
    fun undoRequest(cleanup: Long): PendingIntent {
        settleSystemTrash()
        val moved = journal.files(cleanup, FileState.MOVED)
            .filter { it.move.kept == null }.take(MOST_AT_ONCE)
        val (there, gone) = moved.partition { isTrashed(it.move.uri) == true }
        journal.record(
            gone.map {
                val back = isTrashed(it.move.uri) == false
                it.copy(state = if (back) FileState.RESTORED else FileState.EXPIRED)
            },
        )
        if (there.isEmpty()) throw CleaningError(Kind.NOT_IN_TRASH)
        journal.record(there.map { it.copy(state = FileState.UNDOING) })
        return request(there.map { it.move.uri }, false)
    }

    /** After the dialog's yes: the pictures are where they were. */
    @NeedsApi(30)
    @Synchronized
    fun undone(cleanup: Long) {
        // The process may have ended while the dialog was open, and settled what it found.
        val asked = journal.files(cleanup, FileState.UNDOING, FileState.MOVED)
            .filter { it.move.kept == null }
        journal.record(asked.map(::settledUndo))
    }

    /** Put a clean-up back from the app's own trash: name, folder and date as before. */
    @Synchronized
    fun restore(cleanup: Long): Restored {
        var restored = 0
        val failed = ArrayList<Pair<String, MemesError>>()
        for (entry in journal.files(cleanup, FileState.MOVED)) {
            val kept = entry.move.kept ?: continue
            val intend = { one: Entry -> journal.record(one.copy(state = FileState.UNDOING)) }
            try {
                if (!Copying.holds(kept, entry.move.sha256)) {
                    throw CleaningError(if (kept.exists()) Kind.BAD_COPY else Kind.NOT_IN_TRASH)
                }
                val back = place(entry.move).putBack(entry, intend, reached)
                journal.record(back.copy(state = FileState.RESTORED))
                kept.delete()
                restored++
            } catch (error: Exception) {
                journal.record(entry)
                failed += Pair(entry.move.name, Copying.told(error))
            }
        }
        return Restored(restored, failed)
    }

    /** All clean-ups of which something was moved, the newest first. */
    fun cleanups(): List<Cleanup> = journal.cleanups()

    /** How many files are in the app's own trash. */
    fun countInOwnTrash(): Int = journal.files(FileState.MOVED).count { it.move.kept != null }

    /** Delete what was in the app's own trash for 30 days; the system empties its own. */
    @Synchronized
    fun emptyExpired(now: Long) {
        // What lies on a memory card that is not there is deleted once that is back.
        val expired = journal.files(FileState.MOVED)
            .filter { it.time + IN_TRASH <= now && it.move.kept?.parentFile?.exists() != false }
        for (entry in expired) entry.move.kept?.delete()
        journal.record(
            expired.filter { it.move.kept?.exists() != true }
                .map { it.copy(state = FileState.EXPIRED) },
        )
    }

    /**
     * Find out where files are that a process left in the middle of a move or an undo, and complete
     * it or take it back. A file that cannot be looked at now is left for later.
     */
    @Synchronized
    fun settle() {
        for (entry in journal.files(FileState.MOVING, FileState.UNDOING)) {
            try {
                val settled = if (entry.state == FileState.MOVING) {
                    settledMove(entry)
                } else {
                    settledUndo(entry)
                }
                journal.record(settled)
            } catch (_: GalleryError) {
                // Without permission or storage nobody knows: the journal keeps it.
            } catch (_: SecurityException) {
            }
        }
    }

    private fun settledMove(entry: Entry): Entry {
        val move = entry.move
        if (move.kept == null) {
            val trashed = Build.VERSION.SDK_INT >= 30 && isTrashed(move.uri) != false
            return entry.copy(state = if (trashed) FileState.MOVED else FileState.STAYED)
        }
        trash.part(move.kept).delete()
        val place = place(move)
        val there = place.isThere(move)
        if (!Copying.holds(move.kept, move.sha256)) {
            return entry.copy(state = if (there) FileState.STAYED else FileState.GONE)
        }
        // Of two that are the same the copy goes: the user is not there to say yes again.
        if (there && Copying.holds({ place.open(move) }, move.sha256)) {
            move.kept.delete()
            return entry.copy(state = FileState.STAYED)
        }
        return entry.copy(state = FileState.MOVED)
    }

    private fun settledUndo(entry: Entry): Entry {
        val move = entry.move
        if (move.kept == null) {
            val trashed = if (Build.VERSION.SDK_INT >= 30) isTrashed(move.uri) else null
            return entry.copy(
                state = when (trashed) {
                    true -> FileState.MOVED
                    false -> FileState.RESTORED
                    null -> FileState.EXPIRED
                },
            )
        }
        val back = place(move).settleBack(entry)
        if (back != null) {
            move.kept.delete()
            return back.copy(state = FileState.RESTORED)
        }
        val state = if (move.kept.exists()) FileState.MOVED else FileState.GONE
        return entry.copy(state = state, back = null)
    }

    private fun settleSystemTrash() {
        val open = journal.files(FileState.MOVING, FileState.UNDOING)
            .filter { it.move.kept == null }
        journal.record(
            open.map { if (it.state == FileState.MOVING) settledMove(it) else settledUndo(it) },
        )
    }

    /** Whether a picture is in the system's trash; null if it is nowhere. */
    @NeedsApi(30)
    private fun isTrashed(uri: Uri): Boolean? {
        if (Permissions.access(context) == Access.NONE) throw NoAccess()
        val query = Bundle()
        query.putInt(MediaStore.QUERY_ARG_MATCH_TRASHED, MediaStore.MATCH_INCLUDE)
        return try {
            resolver.query(uri, arrayOf(MediaStore.MediaColumns.IS_TRASHED), query, null)?.use {
                if (it.moveToFirst()) it.getInt(0) == 1 else null
            }
        } catch (error: IllegalArgumentException) {
            throw NoStorage().apply { initCause(error) }
        } catch (error: SQLiteException) {
            throw NoStorage().apply { initCause(error) }
        }
    }

    @NeedsApi(30)
    private fun request(uris: List<Uri>, trash: Boolean): PendingIntent = try {
        MediaStore.createTrashRequest(resolver, uris, trash)
    } catch (error: IllegalArgumentException) {
        throw CleaningError(Kind.GONE, error)
    }

    private fun place(move: Move): Place = if (isMedia(move.uri)) media else documents

    private fun isMedia(uri: Uri) = uri.authority == MediaStore.AUTHORITY

    companion object {
        /** Pictures in one dialog of the system's; it takes no more than 2000. */
        const val MOST_AT_ONCE = 1000

        /** Days that pictures stay in a trash. */
        const val DAYS_IN_TRASH = 30

        /** The same in milliseconds. */
        internal const val IN_TRASH = DAYS_IN_TRASH * 24 * 3600 * 1000L
    }
}
