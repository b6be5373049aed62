package org.memesdetection.model

import android.content.Context
import java.io.Closeable
import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * Tells memes from other pictures, on the phone.
 *
 * For any thread; inside, one picture is run at a time. The model is loaded at the first picture,
 * and again at the first after [close].
 */
class Classifier internal constructor(val card: Card, private val load: () -> Engine) : Closeable {
    private var engine: Engine? = null
    private val pixels: ByteBuffer by lazy {
        ByteBuffer.allocateDirect(card.size * card.size * 3).order(ByteOrder.nativeOrder())
    }

    private constructor(context: Context, card: Card) :
        this(card, { TfliteEngine.load(context.applicationContext.assets, card) })

    /**
     * The classifier of the model in the app.
     *
     * @throws ModelError the model's card is missing or broken
     */
    constructor(context: Context) : this(context, Card.read(context.assets))

    /**
     * Decodes the whole content of a file to what [run] takes.
     *
     * @throws PictureError its sentence says what is wrong with this content
     */
    fun decode(bytes: ByteArray): DecodedPicture = Decoder.decode(bytes, card.size)

    /**
     * Runs the model on a decoded picture.
     *
     * @throws ModelError the model is broken or cannot be loaded
     */
    fun run(picture: DecodedPicture): Outputs = synchronized(pixels) {
        val engine = engine ?: load().also { engine = it }
        val outputs = picture.frames.map { frame ->
            pixels.rewind()
            pixels.put(frame)
            engine.run(pixels)
        }
        outputs.singleOrNull() ?: mean(outputs)
    }

    override fun close(): Unit = synchronized(pixels) {
        engine?.close()
        engine = null
    }

    private fun mean(outputs: List<Outputs>) = Outputs(
        outputs.map { it.logit }.average(),
        mean(outputs.map { it.embedding }),
        Array(card.heatMapSize) { row -> mean(outputs.map { it.heatMap[row] }) },
    )

    @JvmName("meanOfArrays")
    private fun mean(arrays: List<FloatArray>) =
        FloatArray(arrays[0].size) { at -> arrays.map { it[at] }.average().toFloat() }
}
