package org.memesdetection.model

import android.content.res.AssetManager
import java.io.FileNotFoundException
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.FloatBuffer
import java.nio.channels.FileChannel
import java.security.MessageDigest
import org.tensorflow.lite.Interpreter

/** TensorFlow Lite; [model] is the content of a model file that fits the [card]. */
internal class TfliteEngine(model: ByteBuffer, private val card: Card) : Engine {
    private val interpreter = interpreter(model)
    private val logit = floats(1)
    private val embedding = floats(card.channels)
    private val heatMap = floats(card.heatMapSize * card.heatMapSize)
    private val outputs: Map<String, Any> =
        mapOf("logit" to logit, "embedding" to embedding, "heat_map" to heatMap)

    override fun run(pixels: ByteBuffer): Outputs {
        for (buffer in arrayOf(logit, embedding, heatMap)) buffer.rewind()
        pixels.rewind()
        try {
            interpreter.runSignature(mapOf("pixels" to pixels), outputs, SIGNATURE)
        } catch (error: IllegalArgumentException) {
            throw ModelError(ModelError.Kind.BROKEN, error)
        } catch (error: IllegalStateException) {
            throw ModelError(ModelError.Kind.BROKEN, error)
        }
        val side = card.heatMapSize
        return Outputs(
            logit.get(0).toDouble(),
            FloatArray(card.channels) { embedding.get(it) },
            Array(side) { row -> FloatArray(side) { heatMap.get(row * side + it) } },
        )
    }

    override fun close() = interpreter.close()

    companion object {
        const val FILE = "model.tflite"
        private const val SIGNATURE = "serving_default"

        /** One picture at a time: a second core makes it sooner, more of them only warmer. */
        private const val THREADS = 2

        /**
         * The engine of the model in the app.
         *
         * @throws ModelError it cannot be run on this phone
         */
        fun load(assets: AssetManager, card: Card): TfliteEngine {
            val model = try {
                content(assets)
            } catch (error: IOException) {
                throw ModelError(ModelError.Kind.MISSING, error)
            }
            val digest = MessageDigest.getInstance("SHA-256")
            digest.update(model.duplicate())
            if (Content.hexadecimal(digest.digest()) != card.sha256) {
                throw ModelError(ModelError.Kind.BROKEN)
            }
            return TfliteEngine(model, card)
        }

        private fun interpreter(model: ByteBuffer): Interpreter = try {
            Interpreter(model, Interpreter.Options().setNumThreads(THREADS))
        } catch (error: IllegalArgumentException) {
            throw ModelError(ModelError.Kind.BROKEN, error)
        } catch (error: IllegalStateException) {
            throw ModelError(ModelError.Kind.BROKEN, error)
        } catch (error: LinkageError) {
            // At the second time it is a NoClassDefFoundError.
            throw ModelError(ModelError.Kind.NO_LIBRARY, error)
        } catch (error: OutOfMemoryError) {
            throw ModelError(ModelError.Kind.NO_MEMORY, error)
        }

        /** Mapped where it is stored as it is, else read into memory. */
        private fun content(assets: AssetManager): ByteBuffer {
            try {
                assets.openFd(FILE).use { file ->
                    file.createInputStream().use {
                        return it.channel.map(
                            FileChannel.MapMode.READ_ONLY,
                            file.startOffset,
                            file.declaredLength,
                        )
                    }
                }
            } catch (_: FileNotFoundException) {
                // A build compressed it, or it is missing.
                val bytes = assets.open(FILE).use { it.readBytes() }
                return direct(bytes.size).apply { put(bytes).rewind() }
            }
        }

        private fun floats(count: Int): FloatBuffer = direct(4 * count).asFloatBuffer()

        private fun direct(bytes: Int): ByteBuffer =
            ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())
    }
}
