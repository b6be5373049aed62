package org.memesdetection.gallery

import android.content.ContentResolver
import android.util.Log
import org.memesdetection.R
import org.memesdetection.data.Failure
import org.memesdetection.data.Finding
import org.memesdetection.data.Known
import org.memesdetection.data.Seen
import org.memesdetection.data.Verdicts
import org.memesdetection.model.Classifier
import org.memesdetection.model.Content
import org.memesdetection.model.DamagedPicture
import org.memesdetection.model.HugePicture
import org.memesdetection.model.PictureError

/** Judges one picture, unless its content was judged before. */
internal class Judging(
    private val resolver: ContentResolver,
    private val verdicts: Verdicts,
    private val classifier: Classifier,
    private val model: String,
) {
    /**
     * What is to be written down of a picture.
     *
     * @param unwritten findings that the database does not have yet.
     * @throws org.memesdetection.model.ModelError the model cannot be run.
     */
    fun find(photo: Photo, unwritten: List<Finding>): Finding = try {
        val content = Content.read(resolver, photo.uri)
        val before = unwritten.firstOrNull { it is Seen && it.sha256 == content.sha256 } as Seen?
        val known = before?.known ?: verdicts.known(content.sha256, model)
        Seen(photo, content.sha256, known ?: judge(content), isNew = known == null)
    } catch (error: PictureError) {
        Failure(photo, error)
    } catch (error: OutOfMemoryError) {
        Failure(photo, HugePicture(R.string.picture_no_memory).apply { initCause(error) })
    } catch (error: IllegalArgumentException) {
        // What the platform's decoders throw where they have no better word.
        Log.w("Judging", error)
        Failure(photo, DamagedPicture().apply { initCause(error) })
    }

    private fun judge(content: Content): Known {
        val decoded = classifier.decode(content.bytes)
        val outputs = classifier.run(decoded)
        return Known(outputs.probability, decoded.fromCamera, outputs.keptEmbedding)
    }
}
