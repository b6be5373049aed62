package org.memesdetection.data

import android.content.ContentValues
import android.database.sqlite.SQLiteDatabase

/**
 * Scans that are not through, so that a later process goes on with them, and markers of what was
 * looked through.
 *
 * All functions throw [StoreError] where the database cannot be used.
 */
internal class Scans(private val database: Database) {
    /**
     * A scan that is not through.
     *
     * @property source as `Source` keeps it.
     * @property started milliseconds since 1970.
     * @property paused by the user.
     */
    class Open(val source: String, val started: Long, val paused: Boolean)

    /** The open scan of a kind: `user` for one that the user started, `check` for others. */
    fun open(kind: String): Open? = database.read { db ->
        db.rawQuery("SELECT source, started, paused FROM scans WHERE kind = ?", arrayOf(kind)).use {
            if (it.moveToFirst()) Open(it.getString(0), it.getLong(1), it.getInt(2) != 0) else null
        }
    }

    fun put(kind: String, open: Open) = database.write { db ->
        val values = ContentValues()
        values.put("kind", kind)
        values.put("source", open.source)
        values.put("started", open.started)
        values.put("paused", if (open.paused) 1 else 0)
        db.insertWithOnConflict("scans", null, values, SQLiteDatabase.CONFLICT_REPLACE)
        Unit
    }

    fun close(kind: String) = database.write { db ->
        db.delete("scans", "kind = ?", arrayOf(kind))
        Unit
    }

    fun marker(name: String): String? = database.read { db ->
        db.rawQuery("SELECT value FROM markers WHERE name = ?", arrayOf(name)).use {
            if (it.moveToFirst()) it.getString(0) else null
        }
    }

    fun mark(name: String, value: String) = database.write { db ->
        db.execSQL("INSERT OR REPLACE INTO markers VALUES (?, ?)", arrayOf(name, value))
    }
}
