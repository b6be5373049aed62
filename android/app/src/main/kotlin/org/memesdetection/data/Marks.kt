package org.memesdetection.data

import android.database.sqlite.SQLiteDatabase
import org.memesdetection.model.Lesson
import org.memesdetection.model.Verdict

/**
 * The verdicts that the user gave, by content, so that they hold for every copy; with what models
 * make of these contents, which is how pictures like them are known.
 *
 * All functions throw [StoreError] where the database cannot be used.
 *
 * @param clock milliseconds since 1970.
 */
class Marks(
    private val database: Database,
    private val clock: () -> Long = System::currentTimeMillis,
) {
    /** The user keeps contents: they are no memes, whatever the model says. */
    fun keep(sha256s: Collection<String>) = put(sha256s, Verdict.NOT_MEME)

    /** The user says that contents are memes. */
    fun meme(sha256s: Collection<String>) = put(sha256s, Verdict.MEME)

    /** Take the user's verdict on contents back, where there is one. */
    fun forget(sha256s: Collection<String>) = database.write { db ->
        for (sha256 in sha256s) {
            for (table in listOf("marks", "lessons")) {
                db.execSQL("DELETE FROM $table WHERE sha256 = ?", arrayOf(sha256.bytesOfHex()))
            }
        }
    }

    /** The user's verdicts by SHA-256, hexadecimal. */
    fun all(): Map<String, Verdict> = database.read { all(it) }

    /** What a model makes of the marked contents that it saw. */
    fun lessons(model: String): List<Lesson> = database.read { lessons(it, model) }

    private fun put(sha256s: Collection<String>, verdict: Verdict) = database.write { db ->
        val now = clock()
        for (sha256 in sha256s) {
            val digest = sha256.bytesOfHex()
            db.execSQL(
                "INSERT OR REPLACE INTO marks VALUES (?, ?, ?)",
                arrayOf(digest, verdict.key, now),
            )
            db.execSQL(
                "INSERT OR REPLACE INTO lessons SELECT sha256, model, probability, embedding" +
                    " FROM verdicts WHERE sha256 = ?",
                arrayOf(digest),
            )
        }
    }

    internal companion object {
        fun all(db: SQLiteDatabase): Map<String, Verdict> =
            db.rawQuery("SELECT lower(hex(sha256)), verdict FROM marks", null).use {
                val all = HashMap<String, Verdict>()
                while (it.moveToNext()) {
                    Verdict.of(it.getString(1))?.let { mark -> all[it.getString(0)] = mark }
                }
                all
            }

        fun lessons(db: SQLiteDatabase, model: String): List<Lesson> = db.rawQuery(
            "SELECT lower(hex(sha256)), probability, embedding FROM lessons WHERE model = ?",
            arrayOf(model),
        ).use {
            val all = ArrayList<Lesson>(it.count)
            while (it.moveToNext()) {
                all += Lesson(it.getString(0), model, it.getDouble(1), it.getBlob(2))
            }
            all
        }
    }
}
