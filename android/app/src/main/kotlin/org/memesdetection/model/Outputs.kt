package org.memesdetection.model

/**
 * What the model puts out for one picture; for an animation the mean over its frames.
 *
 * [logit] of being a meme; [embedding] `[channels]`, the mean of the last feature map; [heatMap]
 * `[rows][columns]`, the logit that each place alone would give, whose mean is [logit].
 */
class Outputs(val logit: Double, val embedding: FloatArray, val heatMap: Array<FloatArray>) {
    /** Of being a meme, 0-1. */
    val probability: Double get() = sigmoid(logit)

    /** The embedding as databases keep it: float16 `[channels]`, little-endian. */
    val keptEmbedding: ByteArray get() = Float16.bytes(embedding)
}
