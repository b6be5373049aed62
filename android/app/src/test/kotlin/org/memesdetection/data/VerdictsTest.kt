package org.memesdetection.data

import android.net.Uri
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.gallery.Photo
import org.memesdetection.model.HugePicture
import org.memesdetection.model.Outputs
import org.memesdetection.model.Reason
import org.memesdetection.model.Thresholds
import org.memesdetection.model.Verdict
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
class VerdictsTest {
    private val context = RuntimeEnvironment.getApplication()
    private val database = Database(context, "test.db")
    private val verdicts = Verdicts(database, context.resources) { 5 }
    private val marks = Marks(database)
    private val thresholds = Thresholds(meme = 0.9, unsure = 0.4)

    private fun photo(number: Int) = Photo(
        Uri.parse("content://media/external/images/media/$number"),
        "$number.jpg",
        "A/",
        100,
        6,
        7000,
        "image/jpeg",
    )

    private fun outputs(logit: Double, vararg embedding: Float) =
        Outputs(logit, embedding, arrayOf(floatArrayOf(logit.toFloat())))

    private fun put(number: Int, sha256: String, logit: Double, vararg embedding: Float) =
        verdicts.put(photo(number), sha256, "m", outputs(logit, *embedding), false)

    private fun all() = verdicts.all(thresholds, "m").associateBy { it.name }

    @Test
    fun `a picture is known until it changes or the model does`() {
        put(1, "aa", 4.0, 1f)
        assertTrue(verdicts.known(photo(1), "m"))
        assertFalse(verdicts.known(photo(1).copy(modified = 8), "m"))
        assertFalse(verdicts.known(photo(1).copy(bytes = 8), "m"))
        assertFalse(verdicts.known(photo(1), "other"))
        assertFalse(verdicts.known(photo(2), "m"))
    }

    @Test
    fun `verdicts follow the thresholds`() {
        put(1, "aa", 4.0, 1f)
        assertEquals(Verdict.MEME, all().getValue("1.jpg").verdict)
        val strict = verdicts.all(Thresholds(0.999, 0.4), "m").single()
        assertEquals(Verdict.UNSURE, strict.verdict)
        assertEquals(5, strict.judgedAt)
        assertEquals("aa", strict.sha256)
    }

    @Test
    fun `the user's word holds for every copy, until it is taken back`() {
        put(1, "aa", 4.0, 1f)
        put(2, "aa", 4.0, 1f)
        marks.keep(listOf("aa"))
        for (one in all().values) {
            assertEquals(Verdict.NOT_MEME, one.verdict)
            assertEquals(Verdict.NOT_MEME, one.mark)
            assertEquals(Reason.Kept, one.reason)
        }
        marks.meme(listOf("aa"))
        assertEquals(Reason.Marked, all().getValue("2.jpg").reason)
        marks.forget(listOf("aa"))
        assertNull(all().getValue("1.jpg").mark)
        assertEquals(emptyList<Any>(), marks.lessons("m"))
    }

    @Test
    fun `what is like a kept picture is no meme any more`() {
        put(1, "aa", 2.5, 1f, 0f)
        put(2, "bb", 2.5, 1f, 0.01f)
        put(3, "cc", 2.5, 0f, 1f)
        marks.keep(listOf("aa"))
        assertEquals(Verdict.NOT_MEME, all().getValue("2.jpg").verdict)
        assertTrue(all().getValue("2.jpg").reason is Reason.LikeKept)
        assertEquals(Verdict.MEME, all().getValue("3.jpg").verdict)
    }

    @Test
    fun `a new model learns from what was kept under the old one`() {
        put(1, "aa", 2.5, 1f)
        marks.keep(listOf("aa"))
        verdicts.put(photo(1), "aa", "newer", outputs(2.5, 1f, 0f), false)
        assertEquals(listOf("aa"), marks.lessons("newer").map { it.sha256 })
    }

    @Test
    fun `what is gone is forgotten but its content is not`() {
        put(1, "aa", 4.0, 1f)
        verdicts.remove(listOf(photo(1).uri))
        assertEquals(emptyMap<String, Judged>(), all())
        assertEquals(0.98, verdicts.known("aa", "m")!!.probability, 0.01)
    }

    @Test
    fun `failures are told in the user's language`() {
        verdicts.fail(photo(1), HugePicture(org.memesdetection.R.string.picture_huge, 400L, 100L))
        val sentence = verdicts.failures(context.resources).single().error
        assertEquals("The picture has 400 megapixels; up to 100 are decoded here.", sentence)
        // Once it can be judged it is no failure.
        put(1, "aa", 4.0, 1f)
        assertEquals(emptyList<Failed>(), verdicts.failures(context.resources))
    }

    @Test
    @Config(qualifiers = "+hi")
    fun `failures are told in Hindi`() {
        verdicts.fail(photo(1), HugePicture(org.memesdetection.R.string.picture_huge, 400L, 100L))
        val sentence = verdicts.failures(context.resources).single().error
        assertEquals("फ़ोटो 400 मेगापिक्सल की है; यहाँ 100 तक की खुलती हैं।", sentence)
    }
}
