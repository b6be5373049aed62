package org.memesdetection.model

import java.io.File
import java.nio.ByteBuffer
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertThrows
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.NativeTflite
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** The model in the app: its card, and what happens where it cannot be run. */
@RunWith(RobolectricTestRunner::class)
class ClassifierTest {
    private val context = RuntimeEnvironment.getApplication()
    private val photo = File("../samples/IMG-20260105-WA0001.jpg").readBytes()

    @Test
    fun `the card tells what settings and about need`() {
        val card = Card.read(context.assets)
        assertEquals("phone-${card.sha256.take(12)}", card.identity)
        assertEquals(224, card.size)
        assertEquals(1280, card.channels)
        assertEquals(listOf("careful", "normal", "eager"), card.strictness.map { it.name })
        assertEquals(card.thresholds, card.strictness[1].thresholds)
        for ((stricter, looser) in card.strictness.zipWithNext()) {
            assert(stricter.thresholds.meme > looser.thresholds.meme)
            assert(stricter.falseAlarmsAmongPersonal.rate < looser.falseAlarmsAmongPersonal.rate)
            assert(stricter.recall.rate < looser.recall.rate)
        }
        assertEquals(setOf("train", "val", "test"), card.data.keys)
        assertEquals(card.data.values.sumOf { it.memes + it.notMemes }, card.licences.values.sum())
    }

    @Test
    fun `a broken card is told`() {
        for (text in listOf("", "{", "[]", "{\"name\": \"phone\"}")) {
            val error = assertThrows(ModelError::class.java) { Card.parse(text) }
            assertEquals(ModelError.Kind.BROKEN, error.kind)
        }
    }

    @Test
    @Config(sdk = [34])
    fun `a broken model is told`() {
        NativeTflite.load()
        val card = Card.read(context.assets)
        val model = context.assets.open(TfliteEngine.FILE).use { it.readBytes() }
        for (content in listOf(ByteArray(0), ByteArray(5000) { 7 }, model.copyOf(1000))) {
            val buffer = ByteBuffer.allocateDirect(content.size)
            buffer.put(content).rewind()
            val error = assertThrows(ModelError::class.java) { TfliteEngine(buffer, card) }
            assertEquals(ModelError.Kind.BROKEN, error.kind)
        }
    }

    @Test
    @Config(sdk = [26])
    fun `a phone that does not load the native library says so at every picture`() {
        // No test on this SDK level may load it: libraries belong to one class loader.
        Classifier(context).use { classifier ->
            val picture = classifier.decode(photo)
            repeat(2) {
                val error = assertThrows(ModelError::class.java) { classifier.run(picture) }
                assertEquals(ModelError.Kind.NO_LIBRARY, error.kind)
                assertEquals(
                    "This phone cannot run the model; check pictures on the server instead.",
                    error.text(context.resources),
                )
            }
        }
    }

    @Test
    @Config(sdk = [34])
    fun `many threads may share it, and it comes back after a close`() {
        val classifier = NewerTflite.classifier(context)
        val names = listOf("IMG-20260105-WA0001.jpg", "IMG-20260105-WA0002.jpg")
        val contents = names.map { File("../samples", it).readBytes() }
        val alone = contents.map { classifier.run(classifier.decode(it)).probability }
        classifier.close()
        val pool = Executors.newFixedThreadPool(4)
        val together = List(12) { index ->
            pool.submit(
                Callable { classifier.run(classifier.decode(contents[index % 2])).probability },
            )
        }.map { it.get() }
        pool.shutdown()
        together.forEachIndexed { index, probability ->
            assertEquals(alone[index % 2], probability, 1e-9)
        }
        assertNotNull(classifier.card)
        classifier.close()
    }
}
