package org.memesdetection

import java.io.File

/** The repository that the app is built from. */
object Checkout {
    val folder: File = generateSequence(File("").absoluteFile, File::getParentFile)
        .first { File(it, "src/memesdetection").isDirectory }

    /** The pictures that may be shown anywhere, in the order of their names. */
    val samples: List<File> = File(folder, "samples").listFiles()!!
        .filter { it.extension in setOf("jpg", "png", "webp") }.sorted()

    /** The names of those of [samples] that are memes. */
    val memes: Set<String> = File(folder, "samples/labels.csv").readLines().drop(1)
        .map { it.split(',') }.filter { it[1] == "meme" }.map { it[0] }.toSet()
}
