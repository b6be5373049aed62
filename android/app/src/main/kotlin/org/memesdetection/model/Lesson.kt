package org.memesdetection.model

/**
 * What a model makes of a content that the user marked.
 *
 * @property sha256 of the content, hexadecimal
 * @property model identity of the model
 * @property probability of being a meme, 0-1
 * @property embedding float16 `[channels]`, little-endian
 */
class Lesson(
    val sha256: String,
    val model: String,
    val probability: Double,
    val embedding: ByteArray,
)
