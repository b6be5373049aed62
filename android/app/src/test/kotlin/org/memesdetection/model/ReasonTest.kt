package org.memesdetection.model

import android.content.Context
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** Verdicts and their reasons are those of Python, in English word for word. */
@RunWith(RobolectricTestRunner::class)
class ReasonTest {
    private val resources = RuntimeEnvironment.getApplication().resources
    private val thresholds = Thresholds(meme = 0.9, unsure = 0.3)

    @Test
    fun `reasons are Python's`() {
        val cases = Python.fixtures.getJSONArray("reasons")
        val verdicts = HashSet<String>()
        for (index in 0 until cases.length()) {
            val case = cases.getJSONObject(index)
            val judgement = Influence(
                case.getDouble("shift"),
                case.getInt("kept"),
                case.getInt("marked"),
            ).judge(case.getDouble("probability"), case.getBoolean("camera"), thresholds)
            assertEquals("$case", case.getString("verdict"), judgement.verdict.key)
            assertEquals(case.getString("reason"), judgement.reason.text(resources))
            verdicts += judgement.reason.javaClass.simpleName
        }
        assertEquals(6, verdicts.size)
    }

    @Test
    @Config(qualifiers = "+hi-rIN")
    fun `Hindi reasons name the same numbers`() {
        val cases = Python.fixtures.getJSONArray("reasons")
        for (index in 0 until cases.length()) {
            val case = cases.getJSONObject(index)
            val reason = Influence(
                case.getDouble("shift"),
                case.getInt("kept"),
                case.getInt("marked"),
            ).judge(case.getDouble("probability"), case.getBoolean("camera"), thresholds).reason
            val numbers = Regex("[0-9.]+ %|[0-9]+ (?=picture)")
            val text = reason.text(resources)
            assertTrue(text, text.endsWith("।"))
            for (number in numbers.findAll(case.getString("reason"))) {
                assertTrue(text, number.value.trim() in text)
            }
        }
    }

    @Test
    fun `every verdict has its own key`() {
        for (verdict in Verdict.values()) assertEquals(verdict, Verdict.of(verdict.key))
        assertEquals(null, Verdict.of("memes"))
    }

    @Test
    fun `a mark is the whole reason`() {
        assertEquals("You kept this picture.", Reason.Kept.text(resources))
        assertEquals("You marked this picture as a meme.", Reason.Marked.text(resources))
    }

    @Test
    fun `what goes wrong is one sentence in every language`() {
        val context: Context = RuntimeEnvironment.getApplication()
        val errors = ModelError.Kind.values().map { ModelError(it) } +
            listOf(NotAPicture(), DamagedPicture(), UnsupportedPicture(PictureFormat.TIFF))
        val hindi = context.resources.configuration.apply { setLocale(java.util.Locale("hi")) }
        val translated = context.createConfigurationContext(hindi).resources
        for (error in errors) {
            assertTrue(error.text(resources).endsWith("."))
            assertTrue(error.text(translated).endsWith("।"))
        }
    }
}
