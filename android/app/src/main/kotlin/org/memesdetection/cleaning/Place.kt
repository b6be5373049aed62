package org.memesdetection.cleaning

import java.io.InputStream

/**
 * Where pictures are that go to the app's own trash, and come back to.
 *
 * Functions throw [CleaningError], `GalleryError`, `IOException` or `SecurityException`.
 */
internal interface Place {
    /** Open the picture's content, all of it. */
    fun open(move: Move): InputStream

    /** Whether the file is there, with the size and modification that the journal has. */
    fun isSame(move: Move): Boolean

    /** Whether a file is there. */
    fun isThere(move: Move): Boolean

    /** Delete the file; when this returns it is gone, after an error it is there. */
    fun remove(move: Move)

    /**
     * Write the file back from the trash, under a name that is free.
     *
     * @param intend keeps in the journal where it goes, before it does.
     * @param reached for tests.
     * @return the entry with its place.
     */
    fun putBack(entry: Entry, intend: (Entry) -> Entry, reached: (Step) -> Unit): Entry

    /**
     * After a process that ended in [putBack]: the entry with its place if the file is back whole;
     * else null, and what was written is gone.
     */
    fun settleBack(entry: Entry): Entry?
}

/** The moments between which a process may end; tests end it at each. */
internal enum class Step { INTENDED, COPIED, KEPT, REMOVED, BACK_INTENDED, RESERVED, WRITTEN, BACK }
