package org.memesdetection.model

import java.io.Closeable
import java.nio.ByteBuffer

/** What runs the model; for one thread at a time. */
internal interface Engine : Closeable {
    /**
     * Runs it on one square.
     *
     * @param pixels direct, `[size * size * 3]`, RGB 0-255, from its start
     */
    fun run(pixels: ByteBuffer): Outputs
}
