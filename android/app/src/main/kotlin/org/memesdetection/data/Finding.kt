package org.memesdetection.data

import org.memesdetection.gallery.Photo
import org.memesdetection.model.MemesError

/**
 * What a model made of a content.
 *
 * @property probability of being a meme, 0-1.
 * @property embedding float16 `[channels]`, little-endian.
 */
class Known(val probability: Double, val fromCamera: Boolean, val embedding: ByteArray)

/** What is to be written down of one picture. */
sealed class Finding(val photo: Photo)

/**
 * It was judged.
 *
 * @property sha256 of the content, hexadecimal.
 * @property isNew whether no other picture with this content was judged before.
 */
class Seen(photo: Photo, val sha256: String, val known: Known, val isNew: Boolean) : Finding(photo)

/** It could not be judged. */
class Failure(photo: Photo, val error: MemesError) : Finding(photo)
