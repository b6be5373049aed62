package org.memesdetection.model

import java.io.File
import kotlin.math.abs
import kotlin.random.Random
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** Unusual pictures get Python's verdict, broken ones a sentence of the same meaning. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class OddPicturesTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val context = RuntimeEnvironment.getApplication()

    @Test
    fun `unusual and broken pictures fare as in Python`() {
        Python.makeOdd(folder.root)
        val findings = Python.judge(folder.root)
        val classifier = NewerTflite.classifier(context)
        val wrong = findings.mapNotNull { (name, finding) ->
            val bytes = File(folder.root, name).readBytes()
            val difference = try {
                val picture = classifier.decode(bytes)
                val probability = classifier.run(picture).probability
                when {
                    finding.error != null -> "judged, not ${finding.error}"

                    picture.width != finding.width -> "width ${picture.width}"

                    picture.height != finding.height -> "height ${picture.height}"

                    picture.fromCamera != finding.camera -> "camera ${picture.fromCamera}"

                    abs(probability - finding.plain) > TOLERANCES[name] ?: 0.02 ->
                        "$probability, not ${finding.plain}"

                    else -> null
                }
            } catch (error: PictureError) {
                val sentence = error.text(context.resources)
                assertTrue(sentence, sentence.matches(Regex("[A-Z].*\\.")))
                val expected = UNSUPPORTED[name] ?: finding.error
                "$error".takeIf { error.javaClass.simpleName != expected }
            }
            difference?.let { "$name: $it" }
        }
        assertTrue(findings.size > 40)
        assertEquals("", wrong.joinToString("\n"))
    }

    @Test
    fun `whatever a file holds, nothing but a sentence comes of it`() {
        Python.makeOdd(folder.root)
        val random = Random(1)
        val refused = folder.root.listFiles()!!.sorted().filter { it.length() in 1..300_000 }
            .flatMap { file -> List(6) { file } }
            .count { file ->
                val bytes = file.readBytes()
                repeat(1 + random.nextInt(20)) {
                    // Most of what can go wrong stands at the beginning.
                    val most = if (random.nextBoolean()) minOf(bytes.size, 100) else bytes.size
                    bytes[random.nextInt(most)] = random.nextInt().toByte()
                }
                try {
                    Decoder.decode(bytes, 224)
                    false
                } catch (_: PictureError) {
                    true
                }
            }
        assertTrue("$refused", refused > 50)
    }

    private companion object {
        /** Android has no decoder for these. */
        val UNSUPPORTED = mapOf("scan.tif" to "UnsupportedPicture")

        /**
         * What is known to differ: of an animated WebP the app sees the first frame alone, and
         * Pillow keeps a first frame that the file says to take back, which the app takes back.
         */
        val TOLERANCES = mapOf("animated.webp" to 1.0, "holes-3.gif" to 0.05)
    }
}
