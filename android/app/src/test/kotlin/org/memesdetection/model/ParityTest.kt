package org.memesdetection.model

import java.io.File
import kotlin.math.abs
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.NativeTflite
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** The app judges pictures as Python does: with the platform's decoders and a real interpreter. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class ParityTest {
    private val context = RuntimeEnvironment.getApplication()
    private val classifier = NewerTflite.classifier(context)
    private val thresholds = classifier.card.thresholds
    private val samples = File("../samples")

    @Test
    fun `samples get the verdicts of Python`() {
        compare(samples, Python.findings(Python.fixtures.getJSONObject("samples")), most = 0)
    }

    @Test
    fun `a phone's gallery gets the verdicts of Python`() {
        val gallery = File("../../shared/gallery/WhatsApp Images")
        assumeTrue("There is no $gallery to compare on.", gallery.isDirectory)
        val findings = Python.judge(gallery)
        assertEquals(240, findings.size)
        compare(gallery, findings, most = 2)
    }

    @Test
    fun `the old runtime of phones takes the model and the pictures`() {
        NativeTflite.load()
        Classifier(context).use { classifier ->
            val findings = Python.findings(Python.fixtures.getJSONObject("samples"))
            val judged = findings.entries.sortedBy { it.key }.take(3).map { (name, finding) ->
                val outputs = classifier.run(classifier.decode(File(samples, name).readBytes()))
                assertEquals(name, finding.probability, outputs.probability, 0.05)
                assertEquals(outputs.logit, outputs.heatMap.flatMap { it.toList() }.average(), 1e-3)
                assertEquals(1280, outputs.embedding.size)
                outputs.probability
            }
            assertTrue("$judged say little", judged.max() > 0.9 && judged.min() < 0.1)
        }
    }

    /** At most [most] probabilities may differ by more than 0.02. */
    private fun compare(folder: File, findings: Map<String, Python.Finding>, most: Int) {
        classifier.run(classifier.decode(File(folder, findings.keys.first()).readBytes()))
        var decoding = 0L
        var running = 0L
        val differences = HashMap<String, Double>()
        val others = ArrayList<Double>()
        for ((name, finding) in findings) {
            val bytes = File(folder, name).readBytes()
            val start = System.nanoTime()
            val picture = classifier.decode(bytes)
            val middle = System.nanoTime()
            val probability = classifier.run(picture).probability
            decoding += middle - start
            running += System.nanoTime() - middle
            differences[name] = abs(probability - finding.plain)
            others += abs(probability - finding.probability)
            assertEquals(name, finding.camera, picture.fromCamera)
            assertEquals(name, finding.width, picture.width)
            assertEquals(name, finding.height, picture.height)
            val here = thresholds.judge(probability, picture.fromCamera).verdict
            val there = thresholds.judge(finding.plain, finding.camera).verdict
            assertTrue(name, here == there || Verdict.UNSURE in listOf(here, there))
        }
        val off = differences.filterValues { it > 0.02 }
        val count = findings.size
        println(
            "${folder.name}: $count pictures, ${count - off.size} within 0.02, mean difference " +
                "%.4f, largest %.4f; to XNNPACK's kernels %d within 0.02, largest %.4f; ".format(
                    differences.values.average(),
                    differences.values.max(),
                    others.count { it <= 0.02 },
                    others.max(),
                ) + "${decoding / count / 1000} us to decode, ${running / count / 1000} us to run",
        )
        assertTrue("$off", off.size <= most)
    }
}
