package org.memesdetection

/**
 * TensorFlow Lite for the JVM in place of the phone's; call [load] before the first Interpreter.
 *
 * Robolectric has a class loader for each SDK level, and a native library belongs to one class
 * loader: run such tests on one SDK level only, `@Config(sdk = [34])`.
 */
object NativeTflite {
    private val loaded by lazy { System.load(System.getProperty("memes.tflite")!!) }

    fun load() = loaded
}
