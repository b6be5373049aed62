package org.memesdetection.gallery

import org.memesdetection.R
import org.memesdetection.model.MemesError

/** The phone's pictures cannot be listed. */
abstract class GalleryError(message: Int) : MemesError(message)

/** The user does not let the app see pictures (any more). */
class NoAccess : GalleryError(R.string.gallery_no_access)

/** The storage is not there: a memory card was taken out, or the phone is connected as a disk. */
class NoStorage : GalleryError(R.string.gallery_no_storage)

/** A folder that the user chose is gone, or the app may not open it any more. */
class NoFolder : GalleryError(R.string.gallery_no_folder)

/** Something that nobody thought of stopped a scan. */
class BrokenScan : GalleryError(R.string.gallery_broken)
