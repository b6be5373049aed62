package org.memesdetection.data

import android.database.sqlite.SQLiteDatabase
import android.net.Uri
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.gallery.Photo
import org.memesdetection.model.Lesson
import org.memesdetection.model.NotAPicture
import org.memesdetection.model.Verdict
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

@RunWith(RobolectricTestRunner::class)
class DatabaseTest {
    private val context = RuntimeEnvironment.getApplication()
    private val file: File = context.getDatabasePath("test.db").apply { parentFile!!.mkdirs() }
    private val uri = Uri.parse("content://media/external/images/media/7")
    private val photo = Photo(uri, "a.jpg", "A/", 5, 6, 7, "image/jpeg")

    /** A file as version 1 of the app left it. */
    private fun versionOne() {
        SQLiteDatabase.openOrCreateDatabase(file, null).use { db ->
            for (statement in VERSION_ONE) db.execSQL(statement)
            db.execSQL("INSERT INTO pictures VALUES ('$uri', 'a.jpg', 'A/', 5, 6, 7, x'aa')")
            db.execSQL("INSERT INTO verdicts VALUES (x'aa', 'phone-1', 0.99, x'003c', 1)")
            db.execSQL("INSERT INTO marks VALUES (x'aa', 'not_meme', 1)")
            db.execSQL("INSERT INTO lessons VALUES (x'aa', 'phone-1', 0.99, x'003c')")
            db.execSQL("INSERT INTO cleanups VALUES (1, 1767700000000)")
            db.execSQL(
                "INSERT INTO files VALUES (1, 1, 'content://media/external/images/media/8', NULL," +
                    " NULL, 'b.jpg', 'A/', 'image/jpeg', 5, 6, 7, x'bb', NULL, 'MOVED', NULL)",
            )
            db.version = 1
        }
    }

    @Test
    fun `a file of version 1 keeps what the user said and moved`() {
        versionOne()
        val database = Database(context, "test.db")
        val marks = Marks(database)
        assertEquals(mapOf("aa" to Verdict.NOT_MEME), marks.all())
        assertEquals(listOf("aa"), marks.lessons("phone-1").map(Lesson::sha256))
        val moved = database.read { db ->
            db.rawQuery("SELECT name FROM files WHERE state = 'MOVED'", null)
                .use {
                    it.moveToFirst()
                    it.getString(0)
                }
        }
        assertEquals("b.jpg", moved)
    }

    @Test
    fun `a file of version 1 is judged again and holds failures`() {
        versionOne()
        val verdicts = Verdicts(Database(context, "test.db"), context.resources)
        assertFalse(verdicts.known(photo, "phone-1"))
        verdicts.fail(photo, NotAPicture())
        assertEquals(listOf("a.jpg"), verdicts.failures(context.resources).map { it.name })
    }

    @Test
    fun `a file that was brought up to date has the tables of a new one`() {
        versionOne()
        assertEquals(columns(Database(context, "new.db")), columns(Database(context, "test.db")))
    }

    private fun columns(database: Database): Map<String, Set<String>> = database.read { db ->
        val tables = db.rawQuery("SELECT name FROM sqlite_master WHERE type = 'table'", null).use {
            buildList { while (it.moveToNext()) add(it.getString(0)) }
        }
        tables.associateWith { table ->
            db.rawQuery("PRAGMA table_info($table)", null).use {
                buildSet { while (it.moveToNext()) add(it.getString(1)) }
            }
        }
    }

    @Test
    fun `a file of a newer app says so and stays as it is`() {
        SQLiteDatabase.openOrCreateDatabase(file, null).use { db ->
            db.execSQL("CREATE TABLE later (name TEXT)")
            db.execSQL("INSERT INTO later VALUES ('something')")
            db.version = Database.VERSION + 1
        }
        val marks = Marks(Database(context, "test.db"))
        val error = assertThrows(NewerStore::class.java) { marks.all() }
        assertTrue("update the app" in error.text(context.resources))
        SQLiteDatabase.openOrCreateDatabase(file, null).use { db ->
            assertEquals(Database.VERSION + 1, db.version)
            db.rawQuery("SELECT name FROM later", null).use { assertTrue(it.moveToFirst()) }
        }
    }

    @Test
    fun `a damaged file is set aside`() {
        file.writeText("no database at all. ".repeat(100))
        assertEquals(emptyMap<String, Verdict>(), Marks(Database(context, "test.db")).all())
        assertTrue(File(file.path + ".damaged").readText().startsWith("no database"))
    }

    @Test
    fun `full storage is one sentence and keeps what was there`() {
        val database = Database(context, "test.db")
        val marks = Marks(database)
        marks.keep(listOf("aa"))
        database.fill()
        val many = (0..9999).map { "%064x".format(it) }
        val error = assertThrows(FullStorage::class.java) { marks.keep(many) }
        assertTrue("free some space" in error.text(context.resources))
        assertEquals(setOf("aa"), marks.all().keys)
    }

    /** No page may be added to the file any more. */
    private fun Database.fill() = write { db ->
        db.rawQuery("PRAGMA max_page_count = 1", null).use { it.moveToFirst() }
    }

    @Test
    fun `what is written is on the disk`() {
        val synchronous = Database(context, "test.db").write { db ->
            db.rawQuery("PRAGMA synchronous", null).use {
                it.moveToFirst()
                it.getInt(0)
            }
        }
        assertEquals("FULL", 2, synchronous)
    }

    private companion object {
        val VERSION_ONE = listOf(
            "CREATE TABLE pictures (uri TEXT PRIMARY KEY, name TEXT NOT NULL," +
                " folder TEXT NOT NULL, bytes INTEGER NOT NULL, modified INTEGER NOT NULL," +
                " taken INTEGER NOT NULL," +
                " sha256 BLOB)",
            "CREATE INDEX pictures_by_content ON pictures (sha256)",
            "CREATE TABLE verdicts (sha256 BLOB NOT NULL, model TEXT NOT NULL," +
                " probability REAL NOT NULL, embedding BLOB NOT NULL, judged_at INTEGER NOT NULL," +
                " PRIMARY KEY (sha256, model))",
            "CREATE TABLE marks (sha256 BLOB PRIMARY KEY, verdict TEXT NOT NULL," +
                " time INTEGER NOT NULL)",
            "CREATE TABLE lessons (sha256 BLOB NOT NULL, model TEXT NOT NULL," +
                " probability REAL NOT NULL, embedding BLOB NOT NULL, PRIMARY KEY (sha256, model))",
            "CREATE TABLE cleanups (number INTEGER PRIMARY KEY AUTOINCREMENT," +
                " time INTEGER NOT NULL)",
            "CREATE TABLE files (id INTEGER PRIMARY KEY AUTOINCREMENT," +
                " cleanup INTEGER NOT NULL REFERENCES cleanups, uri TEXT NOT NULL, path TEXT," +
                " parent TEXT, name TEXT NOT NULL, folder TEXT NOT NULL, mime TEXT NOT NULL," +
                " bytes INTEGER NOT NULL, modified INTEGER NOT NULL, taken INTEGER NOT NULL," +
                " sha256 BLOB NOT NULL, kept TEXT, state TEXT NOT NULL, back TEXT)",
            "CREATE INDEX files_of_cleanup ON files (cleanup, state)",
        )
    }
}
