package org.memesdetection.model

import java.io.File
import java.nio.ByteBuffer
import org.bytedeco.javacpp.BytePointer
import org.bytedeco.javacpp.FloatPointer
import org.bytedeco.javacpp.Pointer
import org.bytedeco.tensorflowlite.BuiltinOpResolver
import org.bytedeco.tensorflowlite.FlatBufferModel
import org.bytedeco.tensorflowlite.Interpreter
import org.bytedeco.tensorflowlite.InterpreterBuilder
import org.bytedeco.tensorflowlite.TfLiteTensor

/**
 * TensorFlow Lite 2.18 on the JVM, with its plain kernels.
 *
 * Fast enough for a gallery, and bit for bit what Python's LiteRT gives without XNNPACK: so what
 * differs from Python is due to the decoder and to the rest of the app's code. One SDK level only,
 * as for NativeTflite.
 */
internal class NewerTflite(file: File, private val card: Card) : Engine {
    private val model = FlatBufferModel.BuildFromFile(file.path)
    private val resolver = BuiltinOpResolver()
    private val interpreter = Interpreter(null as Pointer?).also {
        InterpreterBuilder(model, resolver).apply { SetNumThreads(2) }.apply(it)
        check(it.AllocateTensors() == 0) { "The model does not fit." }
    }
    private val outputs = (0 until interpreter.outputs().capacity().toInt())
        .map { interpreter.tensor(interpreter.outputs().get(it.toLong())) }

    override fun run(pixels: ByteBuffer): Outputs {
        val bytes = ByteArray(pixels.capacity())
        pixels.rewind()
        pixels.get(bytes)
        val input = interpreter.tensor(interpreter.inputs().get(0))
        BytePointer(input.data().data()).put(bytes, 0, bytes.size)
        check(interpreter.Invoke() == 0) { "The model cannot be run." }
        val side = card.heatMapSize
        val heatMap = floats(side * side)
        return Outputs(
            floats(1)[0].toDouble(),
            floats(card.channels),
            Array(side) { heatMap.copyOfRange(it * side, (it + 1) * side) },
        )
    }

    override fun close() {
        interpreter.close()
        model.close()
    }

    /** The output of that many numbers; all three differ in it. */
    private fun floats(count: Int): FloatArray {
        val tensor: TfLiteTensor = outputs.single { it.bytes() == 4L * count }
        return FloatArray(count).also { FloatPointer(tensor.data().data()).get(it) }
    }

    companion object {
        /** A classifier of the model in the app, run by this. */
        fun classifier(context: android.content.Context): Classifier {
            val card = Card.read(context.assets)
            val file = File("../src/memesdetection/models/phone/model.tflite")
            return Classifier(card) { NewerTflite(file, card) }
        }
    }
}
