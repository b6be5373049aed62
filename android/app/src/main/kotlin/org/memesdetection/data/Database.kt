package org.memesdetection.data

import android.content.Context
import android.database.DatabaseErrorHandler
import android.database.sqlite.SQLiteDatabase
import android.database.sqlite.SQLiteDatabaseCorruptException
import android.database.sqlite.SQLiteException
import android.database.sqlite.SQLiteFullException
import android.database.sqlite.SQLiteOpenHelper
import java.io.File

/**
 * The app's own database: verdicts, marks, clean-ups and how scans stand. It never leaves the
 * phone, not in backups either. Safe to share between threads.
 *
 * @param name of the file; null for one in memory.
 */
class Database(private val context: Context, private val name: String? = "memes.db") :
    SQLiteOpenHelper(context, name, null, VERSION, MoveAway) {

    init {
        // Readers do not wait for a scan that writes; a commit is on the disk all the same.
        setWriteAheadLoggingEnabled(name != null)
    }

    /** Whether the file was ever made. */
    val isThere: Boolean get() = name != null && context.getDatabasePath(name).exists()

    override fun onConfigure(db: SQLiteDatabase) {
        // An intent that a crash of the phone forgets would leave a file that nobody knows about.
        db.execSQL("PRAGMA synchronous = FULL")
    }

    override fun onCreate(db: SQLiteDatabase) = Schema.create(db)

    override fun onUpgrade(db: SQLiteDatabase, oldVersion: Int, newVersion: Int) =
        Schema.upgrade(db, oldVersion)

    override fun onDowngrade(db: SQLiteDatabase, oldVersion: Int, newVersion: Int): Unit =
        throw NewerStore()

    /**
     * Read.
     *
     * @throws StoreError the database cannot be used.
     */
    fun <T> read(task: (SQLiteDatabase) -> T): T = guarded { task(readableDatabase) }

    /**
     * Write all of it or nothing; on the disk when this returns.
     *
     * @throws StoreError the database cannot be used, or the storage is full.
     */
    fun <T> write(task: (SQLiteDatabase) -> T): T = guarded {
        val db = writableDatabase
        db.beginTransactionNonExclusive()
        val result = try {
            task(db)
        } catch (error: Throwable) {
            rollBack(db)
            throw error
        }
        db.setTransactionSuccessful()
        db.endTransaction()
        result
    }

    private fun rollBack(db: SQLiteDatabase) = try {
        db.endTransaction()
    } catch (_: SQLiteException) {
        // When the storage is full SQLite has rolled back already.
    }

    private inline fun <T> guarded(task: () -> T): T = try {
        task()
    } catch (error: SQLiteFullException) {
        throw FullStorage().causedBy(error)
    } catch (error: SQLiteDatabaseCorruptException) {
        throw DamagedStore().causedBy(error)
    } catch (error: SQLiteException) {
        // A file that cannot be made or extended is often only that: no room.
        val full = context.filesDir.usableSpace < LEAST_ROOM
        throw (if (full) FullStorage() else UnusableStore()).causedBy(error)
    }

    /** Keeps what the system would delete: somebody may still read marks and clean-ups in it. */
    private object MoveAway : DatabaseErrorHandler {
        override fun onCorruption(db: SQLiteDatabase) {
            val path = db.path
            // Closed while it is being opened, it could not be opened anew.
            if (db.isOpen) db.close()
            for (ending in listOf("", "-wal", "-shm", "-journal")) {
                File(path + ending).renameTo(File("$path.damaged$ending"))
            }
        }
    }

    companion object {
        const val VERSION = 2
        private const val LEAST_ROOM = 1L shl 20
    }
}
