package org.memesdetection.server

import java.io.File
import java.io.IOException
import java.net.HttpURLConnection
import java.net.ServerSocket
import java.net.URL
import java.security.MessageDigest
import java.util.concurrent.TimeUnit
import org.junit.Assume.assumeTrue
import org.memesdetection.Checkout

/**
 * The project's own server, started once for all tests with one key and tight limits; it ends with
 * the tests' process.
 */
object FlaskServer {
    const val KEY = "open sesame"
    const val MOST_FILES = 5
    const val MOST_BYTES = 1 shl 20

    // Robolectric loads this object once for each SDK level; properties are the process's.
    private const val PROPERTY = "memes.test.server"

    /** Its address, once it answers; the test is skipped where Python is not set up. */
    fun address(): String {
        val python = File(Checkout.folder, ".venv/bin/python")
        assumeTrue("No server to ask: run tools/setup.", python.canExecute())
        return synchronized(System.getProperties()) {
            System.getProperty(PROPERTY) ?: start(python).also { System.setProperty(PROPERTY, it) }
        }
    }

    private fun start(python: File): String {
        val port = ServerSocket(0).use { it.localPort }
        val log = File("target/server.log").absoluteFile
        log.parentFile.mkdirs()
        val command = ProcessBuilder(
            python.path,
            "-m",
            "memesdetection",
            "serve",
            "--port",
            "$port",
            "--workers",
            "1",
        )
        command.environment().apply {
            keys.removeAll { it.startsWith("MEMES_") }
            put("PYTHONPATH", File(Checkout.folder, "src").path)
            put("MEMES_API_KEYS", sha256(KEY))
            put("MEMES_MAX_FILES", "$MOST_FILES")
            put("MEMES_MAX_FILE_MIB", "${MOST_BYTES shr 20}")
        }
        val process = command.redirectErrorStream(true).redirectOutput(log).start()
        Runtime.getRuntime().addShutdownHook(Thread { stop(process) })
        val address = "http://127.0.0.1:$port"
        while (!isReady(address)) {
            check(process.isAlive) { "The server did not start:\n${log.readText()}" }
            Thread.sleep(100)
        }
        return address
    }

    private fun stop(process: Process) {
        process.destroy()
        if (!process.waitFor(20, TimeUnit.SECONDS)) process.destroyForcibly()
    }

    private fun isReady(address: String): Boolean = try {
        val connection = URL("$address/health/ready").openConnection() as HttpURLConnection
        connection.responseCode == HttpURLConnection.HTTP_OK
    } catch (_: IOException) {
        false
    }

    private fun sha256(text: String): String =
        MessageDigest.getInstance("SHA-256").digest(text.toByteArray())
            .joinToString("") { "%02x".format(it) }
}
