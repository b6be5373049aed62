package org.memesdetection.cleaning

import android.content.ContentValues
import android.database.Cursor
import android.database.sqlite.SQLiteDatabase
import android.net.Uri
import java.io.File
import org.memesdetection.data.Database
import org.memesdetection.data.bytesOfHex

/**
 * Which file a clean-up moves where, on the disk before it moves, and what became of it.
 *
 * @param clock milliseconds since 1970.
 */
internal class Journal(private val database: Database, private val clock: () -> Long) {
    /** Write down a clean-up before any of its files moves; on the disk when this returns. */
    fun begin(moves: List<Move>): List<Entry> = database.write { db ->
        val time = clock()
        val values = ContentValues()
        values.put("time", time)
        val number = db.insertOrThrow("cleanups", null, values)
        moves.map { move ->
            val row = values(move)
            row.put("cleanup", number)
            row.put("state", FileState.MOVING.name)
            Entry(db.insertOrThrow("files", null, row), number, time, move, FileState.MOVING)
        }
    }

    /**
     * Keep where files are; on the disk when this returns. A file in the trash is not one of the
     * phone's pictures; a file that is back is one again.
     */
    fun record(entries: List<Entry>) = database.write { db ->
        for (one in entries) {
            val values = ContentValues()
            values.put("state", one.state.name)
            values.put("back", one.back)
            db.update("files", values, "id = ${one.id}", null)
            when (one.state) {
                FileState.MOVED, FileState.GONE ->
                    db.delete("pictures", "uri = ?", arrayOf("${one.move.uri}"))

                FileState.RESTORED -> putPicture(db, one)

                else -> Unit
            }
        }
    }

    fun record(entry: Entry): Entry = entry.also { record(listOf(it)) }

    private fun putPicture(db: SQLiteDatabase, entry: Entry) {
        val uri = if (entry.move.kept == null) "${entry.move.uri}" else entry.back ?: return
        // The next scan finds what has no address yet.
        if (!uri.startsWith("content:")) return
        val values = ContentValues()
        values.put("uri", uri)
        values.put("name", entry.move.name)
        values.put("folder", entry.move.folder)
        values.put("bytes", entry.move.bytes)
        values.put("modified", entry.move.modified)
        values.put("taken", entry.move.taken)
        values.put("sha256", entry.move.sha256.bytesOfHex())
        db.insertWithOnConflict("pictures", null, values, SQLiteDatabase.CONFLICT_REPLACE)
    }

    private fun values(move: Move) = ContentValues().apply {
        put("uri", "${move.uri}")
        put("path", move.path?.path)
        put("parent", move.parent?.toString())
        put("name", move.name)
        put("folder", move.folder)
        put("mime", move.mime)
        put("bytes", move.bytes)
        put("modified", move.modified)
        put("taken", move.taken)
        put("sha256", move.sha256.bytesOfHex())
        put("kept", move.kept?.path)
    }

    /** The files of a clean-up in these states, in the order of their moves. */
    fun files(cleanup: Long, vararg states: FileState): List<Entry> =
        entries("cleanup = $cleanup AND ${within(states)}")

    /** The files of all clean-ups in these states. */
    fun files(vararg states: FileState): List<Entry> = entries(within(states))

    /** All clean-ups of which something was moved, the newest first. */
    fun cleanups(): List<Cleanup> = database.read { db ->
        db.rawQuery(
            "SELECT number, time, count(*), sum(bytes), max(kept IS NULL)," +
                " sum(state IN ('MOVED', 'UNDOING'))" +
                " FROM cleanups JOIN files ON cleanup = number" +
                " WHERE state IN ('MOVED', 'UNDOING', 'RESTORED') GROUP BY number" +
                " ORDER BY number DESC",
            null,
        ).use {
            val all = ArrayList<Cleanup>(it.count)
            while (it.moveToNext()) {
                all += Cleanup(
                    number = it.getLong(0),
                    time = it.getLong(1),
                    count = it.getInt(2),
                    bytes = it.getLong(3),
                    undone = it.getInt(5) == 0,
                    expires = it.getLong(1) + Cleaning.IN_TRASH,
                    inSystemTrash = it.getInt(4) != 0,
                )
            }
            all
        }
    }

    private fun within(states: Array<out FileState>) =
        "state IN (${states.joinToString { "'${it.name}'" }})"

    private fun entries(condition: String): List<Entry> = database.read { db ->
        db.rawQuery(
            "SELECT uri, path, parent, name, folder, mime, bytes, modified, taken," +
                " lower(hex(sha256)), kept, id, cleanup, time, state, back" +
                " FROM files JOIN cleanups ON number = cleanup WHERE $condition ORDER BY id",
            null,
        ).use {
            val all = ArrayList<Entry>(it.count)
            while (it.moveToNext()) all += entry(it)
            all
        }
    }

    private fun entry(row: Cursor) = Entry(
        id = row.getLong(11),
        cleanup = row.getLong(12),
        time = row.getLong(13),
        move = Move(
            uri = Uri.parse(row.getString(0)),
            path = row.getString(1)?.let(::File),
            parent = row.getString(2)?.let(Uri::parse),
            name = row.getString(3),
            folder = row.getString(4),
            mime = row.getString(5),
            bytes = row.getLong(6),
            modified = row.getLong(7),
            taken = row.getLong(8),
            sha256 = row.getString(9),
            kept = row.getString(10)?.let(::File),
        ),
        state = FileState.valueOf(row.getString(14)),
        back = row.getString(15),
    )
}
