package org.memesdetection.data

import android.content.ContentValues
import android.content.res.Resources
import android.database.Cursor
import android.database.sqlite.SQLiteDatabase
import android.net.Uri
import org.memesdetection.gallery.Photo
import org.memesdetection.model.MemesError
import org.memesdetection.model.Outputs
import org.memesdetection.model.Thresholds

/**
 * What models said of the phone's pictures: of each file which content it has, as of its size and
 * modification, and of each content the probability, so that copies are judged once.
 *
 * All functions throw [StoreError] where the database cannot be used.
 *
 * @param clock milliseconds since 1970.
 */
class Verdicts(
    private val database: Database,
    private val resources: Resources,
    private val clock: () -> Long = System::currentTimeMillis,
) {
    /** Whether the model judged this picture as it is now. */
    fun known(photo: Photo, model: String): Boolean = photo.uri in known(listOf(photo), model)

    /** Those of the pictures that the model judged as they are now. */
    fun known(photos: List<Photo>, model: String): Set<Uri> {
        val judged = HashMap<String, Pair<Long, Long>>()
        database.read { db ->
            db.rawQuery(
                "SELECT uri, bytes, modified FROM pictures JOIN verdicts USING (sha256)" +
                    " WHERE model = ?",
                arrayOf(model),
            ).use {
                while (it.moveToNext()) {
                    judged[it.getString(0)] = Pair(it.getLong(1), it.getLong(2))
                }
            }
        }
        return photos.filter { judged[it.uri.toString()] == Pair(it.bytes, it.modified) }
            .mapTo(HashSet()) { it.uri }
    }

    /** What the model made of a content, or null. */
    fun known(sha256: String, model: String): Known? = database.read { db ->
        // Android's queries bind no bytes: the digest goes in as text.
        db.rawQuery(
            "SELECT probability, from_camera, embedding FROM verdicts" +
                " WHERE sha256 = x'$sha256' AND model = ?",
            arrayOf(model),
        ).use { if (it.moveToFirst()) known(it, 0) else null }
    }

    /** Write down what the model made of a picture. */
    fun put(photo: Photo, sha256: String, model: String, outputs: Outputs, fromCamera: Boolean) {
        val known = Known(outputs.probability, fromCamera, outputs.keptEmbedding)
        put(listOf(Seen(photo, sha256, known, isNew = true)), model)
    }

    /** Write down that a picture could not be judged. */
    fun fail(photo: Photo, error: MemesError) = put(listOf(Failure(photo, error)), "")

    /** Write down findings of a model, all or none; on the disk when this returns. */
    fun put(findings: List<Finding>, model: String) = database.write { db ->
        for (one in findings) {
            when (one) {
                is Failure -> putPicture(db, one.photo, null, Sentence.of(one.error, resources))

                is Seen -> {
                    if (one.isNew) putVerdict(db, one, model)
                    putPicture(db, one.photo, one.sha256, null)
                }
            }
        }
    }

    private fun putVerdict(db: SQLiteDatabase, one: Seen, model: String) {
        val digest = one.sha256.bytesOfHex()
        val known = one.known
        val values = ContentValues()
        values.put("sha256", digest)
        values.put("model", model)
        values.put("probability", known.probability)
        values.put("from_camera", if (known.fromCamera) 1 else 0)
        values.put("embedding", known.embedding)
        values.put("judged_at", clock())
        db.insertWithOnConflict("verdicts", null, values, SQLiteDatabase.CONFLICT_REPLACE)
        // A new model learns from what was marked under an old one.
        db.execSQL(
            "INSERT OR REPLACE INTO lessons SELECT sha256, ?, ?, ? FROM marks WHERE sha256 = ?",
            arrayOf(model, known.probability, known.embedding, digest),
        )
    }

    private fun putPicture(db: SQLiteDatabase, photo: Photo, sha256: String?, error: String?) {
        val values = ContentValues()
        values.put("uri", photo.uri.toString())
        values.put("name", photo.name)
        values.put("folder", photo.folder)
        values.put("bytes", photo.bytes)
        values.put("modified", photo.modified)
        values.put("taken", photo.taken)
        values.put("sha256", sha256?.bytesOfHex())
        values.put("error", error)
        values.put("seen", clock())
        db.insertWithOnConflict("pictures", null, values, SQLiteDatabase.CONFLICT_REPLACE)
    }

    /**
     * All pictures that the model judged, in no order; those in a trash are not among them.
     *
     * Verdicts are worked out anew from probabilities, marks and what the marks teach.
     *
     * @param seenSince only pictures that a scan came by since, in milliseconds since 1970.
     */
    fun all(thresholds: Thresholds, model: String, seenSince: Long = 0): List<Judged> =
        database.read { db ->
            val judge = Judge.read(db, thresholds, model)
            val embedding = if (judge.comparesPictures) "embedding" else "x''"
            db.rawQuery(
                "SELECT uri, name, folder, bytes, modified, taken, lower(hex(sha256))," +
                    " probability, from_camera, $embedding, judged_at" +
                    " FROM pictures JOIN verdicts USING (sha256)" +
                    " WHERE model = ? AND seen >= $seenSince",
                arrayOf(model),
            ).use { rows ->
                val all = ArrayList<Judged>(rows.count)
                while (rows.moveToNext()) all += judged(rows, model, judge)
                all
            }
        }

    private fun judged(row: Cursor, model: String, judge: Judge): Judged {
        val sha256 = row.getString(6)
        val known = known(row, 7)
        val judgement = judge.judge(sha256, known)
        return Judged(
            uri = Uri.parse(row.getString(0)),
            name = row.getString(1),
            folder = row.getString(2),
            bytes = row.getLong(3),
            modified = row.getLong(4),
            taken = row.getLong(5),
            sha256 = sha256,
            model = model,
            probability = known.probability,
            fromCamera = known.fromCamera,
            judgedAt = row.getLong(10),
            verdict = judgement.verdict,
            reason = judgement.reason,
            mark = judge.mark(sha256),
        )
    }

    /** How the present marks and thresholds have it. */
    internal fun judge(thresholds: Thresholds, model: String): Judge =
        database.read { Judge.read(it, thresholds, model) }

    /**
     * The pictures that could not be judged.
     *
     * @param resources in the language of the sentences.
     */
    fun failures(resources: Resources): List<Failed> = database.read { db ->
        db.rawQuery(
            "SELECT uri, name, folder, bytes, error FROM pictures WHERE error NOT NULL" +
                " ORDER BY folder, name",
            null,
        ).use {
            val all = ArrayList<Failed>(it.count)
            while (it.moveToNext()) {
                all += Failed(
                    Uri.parse(it.getString(0)),
                    it.getString(1),
                    it.getString(2),
                    it.getLong(3),
                    Sentence.read(it.getString(4), resources),
                )
            }
            all
        }
    }

    /** The files that the database knows, by their folders. */
    internal fun folders(): Map<String, List<Uri>> = database.read { db ->
        db.rawQuery("SELECT folder, uri FROM pictures", null).use {
            val all = HashMap<String, MutableList<Uri>>()
            while (it.moveToNext()) {
                all.getOrPut(it.getString(0)) { ArrayList() } += Uri.parse(it.getString(1))
            }
            all
        }
    }

    /** Forget files that are gone from the phone; what is known of their contents stays. */
    fun remove(uris: Collection<Uri>) = database.write { db ->
        for (uri in uris) db.delete("pictures", "uri = ?", arrayOf(uri.toString()))
    }

    private fun known(row: Cursor, first: Int) =
        Known(row.getDouble(first), row.getInt(first + 1) != 0, row.getBlob(first + 2))
}
