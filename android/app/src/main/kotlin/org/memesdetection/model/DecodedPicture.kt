package org.memesdetection.model

/**
 * What the model and a verdict need of one picture.
 *
 * @property frames each `[size * size * 3]`, RGB 0-255 row by row: the whole picture squashed to a
 *   square, upright, transparency on white; one but for animations
 * @property width pixels of the upright picture
 * @property height pixels of the upright picture
 * @property fromCamera EXIF names a camera and an exposure: somebody took this photo
 */
class DecodedPicture(
    val frames: List<ByteArray>,
    val width: Int,
    val height: Int,
    val fromCamera: Boolean,
)
