package org.memesdetection.data

import android.database.sqlite.SQLiteDatabase

/** The tables, and how those of earlier versions become them. */
internal object Schema {
    private const val PICTURES = """
CREATE TABLE pictures (
    uri TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    folder TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    modified INTEGER NOT NULL,       -- seconds since 1970
    taken INTEGER NOT NULL,          -- milliseconds since 1970
    sha256 BLOB,                     -- NULL: it could not be judged
    error TEXT,                      -- then why, as `Sentence` keeps it
    seen INTEGER NOT NULL DEFAULT 0  -- when the scan came by, milliseconds since 1970
)"""
    private const val PICTURES_BY_CONTENT =
        "CREATE INDEX pictures_by_content ON pictures (sha256)"
    private const val VERDICTS = """
CREATE TABLE verdicts (
    sha256 BLOB NOT NULL,
    model TEXT NOT NULL,
    probability REAL NOT NULL,
    from_camera INTEGER NOT NULL,
    embedding BLOB NOT NULL,         -- float16 [channels], little-endian
    judged_at INTEGER NOT NULL,      -- milliseconds since 1970
    PRIMARY KEY (sha256, model)
)"""
    private const val MARKS = """
CREATE TABLE marks (
    sha256 BLOB PRIMARY KEY,
    verdict TEXT NOT NULL,           -- meme or not_meme
    time INTEGER NOT NULL            -- milliseconds since 1970
)"""
    private const val LESSONS = """
CREATE TABLE lessons (
    sha256 BLOB NOT NULL,
    model TEXT NOT NULL,
    probability REAL NOT NULL,
    embedding BLOB NOT NULL,
    PRIMARY KEY (sha256, model)
)"""
    private const val CLEANUPS = """
CREATE TABLE cleanups (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL            -- milliseconds since 1970
)"""
    private const val FILES = """
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    cleanup INTEGER NOT NULL REFERENCES cleanups,
    uri TEXT NOT NULL,               -- where it was
    path TEXT,                       -- likewise, where the system tells
    parent TEXT,                     -- likewise, the folder's document
    name TEXT NOT NULL,
    folder TEXT NOT NULL,
    mime TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    kept TEXT,                       -- path in the app's own trash; NULL: the system's trash
    state TEXT NOT NULL,             -- see cleaning.FileState
    back TEXT                        -- where an undo puts it
)"""
    private const val FILES_OF_CLEANUP = "CREATE INDEX files_of_cleanup ON files (cleanup, state)"
    private const val SCANS = """
CREATE TABLE scans (
    kind TEXT PRIMARY KEY,           -- user or check
    source TEXT NOT NULL,
    started INTEGER NOT NULL,        -- milliseconds since 1970
    paused INTEGER NOT NULL DEFAULT 0
)"""
    private const val MARKERS = """
CREATE TABLE markers (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
)"""

    fun create(db: SQLiteDatabase) {
        for (statement in listOf(
            PICTURES, PICTURES_BY_CONTENT, VERDICTS, MARKS, LESSONS, CLEANUPS, FILES,
            FILES_OF_CLEANUP, SCANS, MARKERS,
        )) {
            db.execSQL(statement)
        }
    }

    /** Runs in a transaction: after an error the file is as it was. */
    fun upgrade(db: SQLiteDatabase, version: Int) {
        if (version < 2) {
            db.execSQL("ALTER TABLE pictures ADD COLUMN error TEXT")
            db.execSQL("ALTER TABLE pictures ADD COLUMN seen INTEGER NOT NULL DEFAULT 0")
            // Version 1 did not keep whether a camera took a picture: they are judged again.
            db.execSQL("DROP TABLE verdicts")
            db.execSQL(VERDICTS)
            db.execSQL(SCANS)
            db.execSQL(MARKERS)
        }
    }
}
