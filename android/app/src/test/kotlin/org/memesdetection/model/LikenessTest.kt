package org.memesdetection.model

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** Corrections pull pictures as in Python. */
@RunWith(RobolectricTestRunner::class)
class LikenessTest {
    private val thresholds = Thresholds(meme = 0.9, unsure = 0.3)

    @Test
    fun `corrections have the influence that Python gives them`() {
        val json = Python.fixtures.getJSONObject("likeness")
        val lessons = json.getJSONArray("lessons").let { list ->
            List(list.length()) {
                val lesson = list.getJSONObject(it)
                val embedding = bytes(lesson.getString("embedding"))
                Lesson("$it", "phone", lesson.getDouble("probability"), embedding)
            }
        }
        val marks = json.getJSONObject("marks").let { marks ->
            marks.keys().asSequence().associateWith { Verdict.of(marks.getString(it))!! }
        }
        val likeness = Likeness(lessons, marks, thresholds)
        val pictures = json.getJSONArray("pictures")
        var pulled = 0
        for (index in 0 until pictures.length()) {
            val picture = pictures.getJSONObject(index)
            val influence = likeness.influence(bytes(picture.getString("embedding")))
            assertEquals(picture.getDouble("shift"), influence.shift, 1e-4)
            assertEquals(picture.getInt("kept"), influence.kept)
            assertEquals(picture.getInt("marked"), influence.marked)
            if (influence.kept > Likeness.NEAREST || influence.marked > 0) pulled++
        }
        assertTrue("$pulled", pulled > 5)
    }

    @Test
    fun `agreement teaches nothing`() {
        val embedding = Float16.bytes(FloatArray(16) { it.toFloat() })
        val lessons = listOf(
            Lesson("a", "phone", 0.99, embedding),
            Lesson("b", "phone", 0.01, embedding),
        )
        val marks = mapOf("a" to Verdict.MEME, "b" to Verdict.NOT_MEME)
        val likeness = Likeness(lessons, marks, thresholds)
        assertTrue(likeness.isEmpty)
        assertEquals(Influence.NONE, likeness.influence(embedding))
    }

    @Test
    fun `embeddings are kept in 16 bits`() {
        val values = floatArrayOf(0f, 1f, -2f, 0.333251953125f, 65504f)
        assertArrayEquals(values, Float16.floats(Float16.bytes(values)), 0f)
    }

    private fun bytes(hexadecimal: String) =
        hexadecimal.chunked(2).map { it.toInt(16).toByte() }.toByteArray()
}
