package org.memesdetection

import android.app.Application
import android.graphics.Bitmap
import android.graphics.Color
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import java.util.concurrent.Executor
import org.memesdetection.data.Database
import org.memesdetection.data.Judged
import org.memesdetection.data.Marks
import org.memesdetection.data.Verdicts
import org.memesdetection.gallery.MediaGallery
import org.memesdetection.gallery.Scanner
import org.memesdetection.gallery.TreeGallery
import org.memesdetection.model.Card
import org.memesdetection.model.Classifier
import org.memesdetection.model.Engine
import org.memesdetection.model.Outputs
import org.memesdetection.model.Verdict
import org.robolectric.RuntimeEnvironment

/**
 * A phone with pictures for tests: real decoder, real database, and in place of the network, which
 * is slow on the JVM and loads on one SDK level only, a [Brightness] that calls what is white a
 * meme and what is grey unsure.
 */
class Phone {
    val context: Application = RuntimeEnvironment.getApplication()
    val store = FakeMediaStore.install()
    val card = Card.read(context.assets)
    val database = Database(context, "phone.db")
    var now = 1_770_000_000_000L
    val verdicts = Verdicts(database, context.resources) { now++ }
    val marks = Marks(database)
    val gallery = MediaGallery(context)
    val engine = Brightness(card)
    var nanoseconds = 0L

    /** A scanner as a new process would make it; by default it scans within the call. */
    fun scanner(executor: Executor = Executor(Runnable::run), onChange: (Boolean) -> Unit = {}) =
        Scanner(
            context, gallery, TreeGallery(context.contentResolver), database, verdicts,
            card = { card },
            classifier = { Classifier(card) { engine } },
            thresholds = { card.thresholds },
            onChange = onChange,
            executor = executor,
            // Each look at the clock takes 2 seconds, so that every verdict is written down at once.
            nanoseconds = {
                nanoseconds += 2_000_000_000
                nanoseconds
            },
            milliseconds = { now },
        )

    fun judged(): Map<String, Judged> =
        verdicts.all(card.thresholds, card.identity).associateBy { it.name }

    fun verdictsByName(): Map<String, Verdict> = judged().mapValues { it.value.verdict }

    companion object {
        /** A small picture; the same [seed] gives the same content. */
        fun picture(brightness: Int, seed: Int = 0): ByteArray {
            val bitmap = Bitmap.createBitmap(24, 24 + seed, Bitmap.Config.ARGB_8888)
            bitmap.eraseColor(Color.rgb(brightness, brightness, brightness))
            val out = ByteArrayOutputStream()
            bitmap.compress(Bitmap.CompressFormat.PNG, 100, out)
            return out.toByteArray()
        }

        fun meme(seed: Int = 0) = picture(255, seed)

        fun unsure(seed: Int = 0) = picture(128, seed)

        fun photo(seed: Int = 0) = picture(0, seed)
    }

    /** Stands for the network. */
    class Brightness(private val card: Card) : Engine {
        /** How many pictures it was given. */
        @Volatile var runs = 0

        /** Called before each; may wait, or throw as a process that ends. */
        @Volatile var before: (Int) -> Unit = {}

        override fun run(pixels: ByteBuffer): Outputs {
            before(runs)
            runs++
            val value = pixels.get(0).toInt() and 255
            val thresholds = card.thresholds
            val probability = when {
                value > 200 -> 0.999
                value > 100 -> (thresholds.meme + thresholds.unsure) / 2
                else -> 0.001
            }
            val logit = Math.log(probability / (1 - probability))
            // Pictures of one brightness are alike, others have nothing in common.
            val embedding = FloatArray(card.channels) { if (it == value / 86) 1f else 0f }
            val side = card.heatMapSize
            return Outputs(logit, embedding, Array(side) { FloatArray(side) })
        }

        override fun close() = Unit
    }
}
