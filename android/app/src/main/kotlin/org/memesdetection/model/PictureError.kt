package org.memesdetection.model

import org.memesdetection.R

/** One picture cannot be judged. It stays where it is and the rest goes on. */
sealed class PictureError(sentence: Int, vararg arguments: Any) : MemesError(sentence, *arguments)

/** The content is not of a picture format that is read here, whatever the name says. */
class NotAPicture : PictureError(R.string.picture_unknown)

/** The content starts like a picture but is empty, truncated or corrupt. */
class DamagedPicture(sentence: Int = R.string.picture_damaged) : PictureError(sentence)

/** The phone has no decoder for this format; the server has. */
class UnsupportedPicture(format: PictureFormat) :
    PictureError(R.string.picture_unsupported, format.name)

/** The picture would take more memory than there is or is allowed. */
class HugePicture(sentence: Int, vararg arguments: Any) : PictureError(sentence, *arguments)

/** The file was not handed over: no permission, gone, or a read error. */
class UnreadableFile(sentence: Int, vararg arguments: Any) : PictureError(sentence, *arguments)
