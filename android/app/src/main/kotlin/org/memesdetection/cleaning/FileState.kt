package org.memesdetection.cleaning

/** Where a file of a clean-up is. The journal has it before anything happens to the file. */
internal enum class FileState {
    /** At its source, unless in the trash already. */
    MOVING,

    /** In the trash. */
    MOVED,

    /** At its source: it was not moved after all. */
    STAYED,

    /** In the trash, unless put back already. */
    UNDOING,

    /** Put back. */
    RESTORED,

    /** Neither at its source nor in the trash. */
    GONE,

    /** It was in the trash for 30 days and was deleted. */
    EXPIRED,
}
