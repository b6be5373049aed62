package org.memesdetection.server

import java.io.ByteArrayInputStream
import java.io.File
import java.io.FileNotFoundException
import java.io.OutputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.security.KeyStore
import java.util.Locale
import java.util.concurrent.CountDownLatch
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import kotlin.concurrent.thread
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.Checkout
import org.memesdetection.server.OddServer.Companion.memes
import org.memesdetection.server.OddServer.Companion.problem
import org.memesdetection.server.OddServer.Companion.say
import org.memesdetection.server.ServerError.Kind
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

@RunWith(RobolectricTestRunner::class)
class ServerTest {
    @Test
    fun `the project's server judges the samples, and says of each other file what is wrong`() {
        val empty = Upload("empty", { ByteArrayInputStream(ByteArray(0)) }, 0)
        val text = upload("text", "no picture".toByteArray())
        val large = upload("large", ByteArray(FlaskServer.MOST_BYTES + 1))
        val gone = Upload("gone", { throw FileNotFoundException() }, 10)
        // Another app's provider throws what it likes.
        val broken = Upload("broken", { throw IllegalArgumentException() }, 10)
        val samples = Checkout.samples.map { Upload(it.name, it::inputStream, it.length()) }
        val told = mutableListOf<String>()

        // More than the server takes in a request, so that each goes alone.
        val pictures = samples.take(3) + gone + broken + text + samples.drop(3) + large + empty
        val answers = server().predict(pictures) { told += it.name }

        assertEquals(pictures.map { it.name }, answers.map { it.name })
        assertEquals(pictures.map { it.name }, told)
        val kinds = answers.filter { it.error != null }
            .associate { it.name to (it.error as ServerError).kind }
        val wrong = mapOf(
            "gone" to Kind.UNREADABLE,
            "broken" to Kind.UNREADABLE,
            "text" to Kind.REFUSED,
            "large" to Kind.TOO_LARGE,
            "empty" to Kind.REFUSED,
        )
        assertEquals(wrong, kinds)
        val judged = answers.filter { it.error == null }
        assertEquals(
            Checkout.memes,
            judged.filter {
                it.probability!! > 0.5
            }.map { it.name }.toSet(),
        )
        assertTrue(judged.all { it.model == "server" && it.reason!!.endsWith(".") })
    }

    @Test
    fun `the project's server answers a ping, and its key is checked`() {
        val address = FlaskServer.address()
        assertEquals("pong", Server(address, "").ping().message)
        assertEquals("pong", server().test().message)
        assertEquals(Kind.KEY_NEEDED, kindOf { Server(address, "").test() })
        assertEquals(Kind.WRONG_KEY, kindOf { Server(address, "sesame").test() })
        assertEquals(Kind.WRONG_KEY, kindOf { Server(address, "sesame").predict(listOf(picture)) })
    }

    @Test
    fun `sends neither a picture's name nor the phone's`() = odd({ it.say(200, memes(1)) }) {
        Server(address, "key").predict(listOf(upload("Anna in hospital.jpg", ByteArray(9))))
        val (request) = asked
        assertTrue("Authorization: Bearer key" in request.head)
        assertTrue("User-Agent: memes-android" in request.head)
        assertFalse("Anna" in request.body)
    }

    @Test
    fun `sends many in requests that a server takes`() {
        odd({ it.say(200, memes(asked.last().pictures)) }) {
            val large = List(4) { upload("$it", ByteArray(6 shl 20)) }
            val answers = Server(address, "").predict(List(20) { picture } + large)
            assertEquals(24, answers.size)
            assertEquals(listOf(8, 8, 6, 2), asked.map { it.pictures })
        }
    }

    @Test
    fun `asks a busy server once more when it says so`() {
        odd({ if (asked.size == 1) it.busy() else it.say(200, memes(1)) }) {
            assertNull(Server(address, "").predict(listOf(picture)).single().error)
        }
        odd({ it.busy() }) {
            assertEquals(Kind.BUSY, kindOf { Server(address, "").predict(listOf(picture)) })
            assertEquals(2, asked.size)
        }
        odd({ it.say(429, problem(429, "Later."), "Retry-After: 3600") }) {
            assertEquals(Kind.BUSY, kindOf { Server(address, "").predict(listOf(picture)) })
            assertEquals(1, asked.size)
        }
    }

    @Test
    fun `follows no redirection, so that key and pictures go nowhere else`() {
        odd({ it.say(200, memes(1)) }) {
            val other = this
            odd({ it.say(307, "", "Location: ${other.address}") }) {
                assertEquals(Kind.MOVED, kindOf { Server(address, "key").ping() })
                assertEquals(Kind.MOVED, kindOf { Server(address, "key").predict(listOf(picture)) })
            }
            assertTrue(asked.isEmpty())
        }
    }

    @Test
    fun `tells a wrong answer`() {
        val wrong = listOf(
            "<html>It works!</html>",
            "{}",
            "[]",
            "",
            memes(2),
            memes(1).replace("0.99", "99"),
            memes(1).replace("\"meme\"", "\"dog\""),
        )
        for (body in wrong) {
            odd({ it.say(200, body) }) {
                assertEquals(body, Kind.WRONG_ANSWER, kindOf { predict() })
                assertEquals(body, Kind.WRONG_ANSWER, kindOf { Server(address, "").ping() })
            }
        }
        odd({ it.say(404, "<html>Not Found</html>") }) {
            assertEquals(Kind.WRONG_ANSWER, kindOf { predict() })
        }
        odd({ it.say(200, " ".repeat(5 shl 20)) }) {
            assertEquals(Kind.WRONG_ANSWER, kindOf { predict() })
        }
    }

    @Test
    fun `tells a server's own errors`() {
        odd({ it.say(500, problem(500, "It is broken.")) }) {
            val error = assertThrows(ServerError::class.java) { predict() }
            assertEquals("The server could not do it: It is broken.", error.text(resources))
        }
        odd({ it.say(413, "<html>nginx</html>") }) {
            val answers = Server(address, "").predict(List(2) { picture })
            assertEquals(List(2) { Kind.TOO_LARGE }, answers.map { (it.error as ServerError).kind })
        }
        odd({ it.say(502, "<html>nginx</html>") }) { assertEquals(Kind.DOWN, kindOf { predict() }) }
        odd({ it.say(504, "<html>nginx</html>") }) { assertEquals(Kind.SLOW, kindOf { predict() }) }
    }

    @Test
    fun `tells what is wrong with the connection`() {
        val closed = ServerSocket(0, 0, InetAddress.getLoopbackAddress()).use { it.localPort }
        val down = "http://127.0.0.1:$closed"
        assertEquals(Kind.DOWN, kindOf { Server(down, "") { true }.ping() })
        assertEquals(Kind.NO_NETWORK, kindOf { Server(down, "") { false }.ping() })
        val unknown = "https://nothing.invalid"
        assertEquals(Kind.UNKNOWN_NAME, kindOf { Server(unknown, "") { true }.ping() })
        assertEquals(Kind.NO_NETWORK, kindOf { Server(unknown, "") { false }.ping() })
        untrusted { address -> assertEquals(Kind.UNTRUSTED, kindOf { Server(address, "").ping() }) }
        odd({}) { assertEquals(Kind.BROKEN, kindOf { Server(address, "").ping() }) }
    }

    @Test
    fun `waits for a slow server only so long`() {
        val silent = Patience(connect = 2_000, silence = 200)
        odd({ hold() }) {
            assertEquals(Kind.SLOW, kindOf { Server(address, "", silent).ping() })
            assertEquals(Kind.SLOW, kindOf { Server(address, "", silent).predict(listOf(picture)) })
        }
        val trickling = Patience(connect = 2_000, silence = 2_000, whole = 400)
        odd({ drop(it) }) {
            assertEquals(Kind.SLOW, kindOf { Server(address, "", trickling).ping() })
        }
        // Takes nothing, so that the form never ends.
        ServerSocket(0, 50, InetAddress.getLoopbackAddress()).use { socket ->
            val server = Server("http://127.0.0.1:${socket.localPort}", "", trickling)
            val large = listOf(upload("large", ByteArray(32 shl 20)))
            assertEquals(Kind.SLOW, kindOf { server.predict(large) })
        }
    }

    @Test
    fun `can be stopped`() {
        val asking = CountDownLatch(1)
        odd({ hold(asking) }) {
            val server = Server(address, "")
            thread {
                asking.await()
                server.close()
            }
            assertEquals(Kind.STOPPED, kindOf { server.predict(listOf(picture)) })
        }
    }

    @Test
    fun `a key is what a header can hold`() {
        assertEquals("a key", Server.checkedKey(" a key\n"))
        assertEquals(Kind.BAD_KEY, kindOf { Server.checkedKey("a\r\nX-Evil: 1") })
        assertEquals(Kind.BAD_KEY, kindOf { Server.checkedKey("ключ") })
    }

    @Test
    fun `each error is a sentence in each language`() {
        for ((language, end) in listOf("en" to ".", "hi" to "।")) {
            val base = RuntimeEnvironment.getApplication()
            val configuration = base.resources.configuration
            configuration.setLocale(Locale.forLanguageTag(language))
            val resources = base.createConfigurationContext(configuration).resources
            val sentences = Kind.values().map { ServerError(it, "X$end").text(resources) }
            assertEquals(sentences.toSet().size, sentences.size)
            sentences.forEach { assertTrue(it, it.endsWith(end)) }
        }
    }

    private val resources get() = RuntimeEnvironment.getApplication().resources
    private val picture = upload("picture", ByteArray(100))

    private fun server() = Server(FlaskServer.address(), FlaskServer.KEY)

    private fun upload(name: String, bytes: ByteArray) =
        Upload(name, { ByteArrayInputStream(bytes) }, bytes.size.toLong())

    private fun OddServer.predict() = Server(address, "").predict(listOf(picture))

    private fun kindOf(action: () -> Unit) = assertThrows(ServerError::class.java) { action() }.kind

    private fun OutputStream.busy() = say(503, problem(503, "Busy."), "Retry-After: 0")

    private fun odd(answer: OddServer.(OutputStream) -> Unit, action: OddServer.() -> Unit) =
        OddServer(answer = answer).use(action)

    /** A server with a certificate that nobody signed: the key of debug builds. */
    private fun untrusted(action: (String) -> Unit) {
        val password = "android".toCharArray()
        val store = KeyStore.getInstance("PKCS12").apply {
            File(Checkout.folder, "android/debug.p12").inputStream().use { load(it, password) }
        }
        val keys = KeyManagerFactory.getInstance("PKIX").apply { init(store, password) }
        val context = SSLContext.getInstance("TLS").apply { init(keys.keyManagers, null, null) }
        val socket = context.serverSocketFactory
            .createServerSocket(0, 50, InetAddress.getLoopbackAddress())
        OddServer(socket) {
            it.say(200, memes(1))
        }.use { action("https://127.0.0.1:${socket.localPort}") }
    }

    private fun hold(asking: CountDownLatch = CountDownLatch(1)) {
        asking.countDown()
        Thread.sleep(60_000)
    }

    private fun drop(to: OutputStream) {
        to.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".toByteArray())
        while (true) {
            to.write(' '.code)
            to.flush()
            Thread.sleep(50)
        }
    }
}
