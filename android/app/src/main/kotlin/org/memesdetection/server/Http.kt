package org.memesdetection.server

import java.io.ByteArrayOutputStream
import java.io.Closeable
import java.io.IOException
import java.io.InputStream
import java.net.ConnectException
import java.net.HttpURLConnection
import java.net.InetAddress
import java.net.NoRouteToHostException
import java.net.ProtocolException
import java.net.SocketTimeoutException
import java.net.UnknownHostException
import java.util.concurrent.Executors
import java.util.concurrent.ScheduledExecutorService
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean
import javax.net.ssl.SSLException
import org.memesdetection.server.ServerError.Kind

/** What a server answered, whatever it is. */
internal class Reply(
    val status: Int,
    val body: String,
    val retryAfter: String? = null,
    val location: String? = null,
)

/** Requests to one server, one at a time. */
internal class Http(
    private val address: ServerAddress,
    private val key: String,
    private val patience: Patience,
    private val networkIsThere: () -> Boolean,
) : Closeable {
    @Volatile private var current: HttpURLConnection? = null

    @Volatile private var closed = false

    /**
     * Ask, with [form] as the body if there is one.
     *
     * @throws ServerError nothing answered, or nothing that is HTTP.
     * @throws Unreadable a picture of the form cannot be read.
     */
    fun ask(path: String, form: Form? = null): Reply {
        val late = AtomicBoolean()
        var limit: Closeable? = null
        try {
            refusePublicPlain()
            val connection = open(path)
            current = connection
            if (closed) throw ServerError(Kind.STOPPED)
            limit = after(patience.whole) {
                late.set(true)
                connection.disconnect()
            }
            form?.let { send(it, connection) }
            return reply(connection, late)
        } catch (error: Unreadable) {
            throw error
        } catch (error: IOException) {
            throw if (closed) ServerError(Kind.STOPPED) else told(error, late.get())
        } finally {
            limit?.close()
            current?.disconnect()
            current = null
        }
    }

    /** Stop what is being asked, from any thread; it ends with [Kind.STOPPED]. */
    override fun close() {
        closed = true
        current?.let { connection -> watch.execute { connection.disconnect() } }
    }

    /**
     * The configuration of Android's network security cannot name ranges of addresses, so it lets
     * plain http pass and this does not: a name that says it is in the user's own network must
     * also lead there.
     */
    private fun refusePublicPlain() {
        if (!address.isPlain) return
        if (!InetAddress.getAllByName(address.host).all(Hosts::isPrivate)) {
            throw ServerError(Kind.CLEARTEXT, address.host)
        }
    }

    private fun open(path: String): HttpURLConnection {
        val connection = address.url(path).openConnection() as HttpURLConnection
        connection.connectTimeout = patience.connect
        connection.readTimeout = patience.silence
        // A key and pictures go to the address that the user entered, and to no other.
        connection.instanceFollowRedirects = false
        connection.useCaches = false
        connection.setRequestProperty("Accept", "application/json")
        // Android's own names the phone's model.
        connection.setRequestProperty("User-Agent", "memes-android")
        // A connection that the server has just closed would cost a body that cannot be sent twice.
        connection.setRequestProperty("Connection", "close")
        if (key.isNotEmpty()) connection.setRequestProperty("Authorization", "Bearer $key")
        return connection
    }

    private fun send(form: Form, connection: HttpURLConnection) {
        connection.requestMethod = "POST"
        connection.doOutput = true
        connection.setRequestProperty("Content-Type", form.contentType)
        connection.setChunkedStreamingMode(0)
        connection.outputStream.use(form::write)
    }

    private fun reply(connection: HttpURLConnection, late: AtomicBoolean): Reply {
        val status = connection.responseCode
        val stream = if (status < HttpURLConnection.HTTP_BAD_REQUEST) {
            connection.inputStream
        } else {
            connection.errorStream
        }
        return Reply(
            status,
            stream?.use { text(it, late) }.orEmpty(),
            connection.getHeaderField("Retry-After"),
            connection.getHeaderField("Location"),
        )
    }

    private fun text(stream: InputStream, late: AtomicBoolean): String {
        val all = ByteArrayOutputStream()
        val buffer = ByteArray(CHUNK)
        while (true) {
            val count = stream.read(buffer)
            if (late.get()) throw SocketTimeoutException()
            if (count < 0) return all.toString("UTF-8")
            all.write(buffer, 0, count)
            if (all.size() > MOST_BYTES) throw ServerError(Kind.WRONG_ANSWER, address.host)
        }
    }

    private fun told(error: IOException, late: Boolean): ServerError {
        val kind = when {
            late || error is SocketTimeoutException -> Kind.SLOW

            error is UnknownHostException ->
                if (networkIsThere()) Kind.UNKNOWN_NAME else Kind.NO_NETWORK

            error is ConnectException || error is NoRouteToHostException ->
                if (networkIsThere()) Kind.DOWN else Kind.NO_NETWORK

            error is SSLException -> Kind.UNTRUSTED

            error is ProtocolException -> Kind.WRONG_ANSWER

            else -> Kind.BROKEN
        }
        return ServerError(kind, address.host).apply { initCause(error) }
    }

    private companion object {
        const val CHUNK = 16 * 1024
        const val MOST_BYTES = 4 * 1024 * 1024

        val watch: ScheduledExecutorService = Executors.newSingleThreadScheduledExecutor { task ->
            Thread(task, "server-watch").apply { isDaemon = true }
        }

        fun after(milliseconds: Long, action: () -> Unit): Closeable {
            val coming = watch.schedule(action, milliseconds, TimeUnit.MILLISECONDS)
            return Closeable { coming.cancel(false) }
        }
    }
}
