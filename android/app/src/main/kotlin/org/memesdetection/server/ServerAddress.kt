package org.memesdetection.server

import java.net.MalformedURLException
import java.net.URI
import java.net.URISyntaxException
import java.net.URL
import org.memesdetection.server.ServerError.Kind

/**
 * Address of a server: https, or plain http in the user's own network.
 *
 * @property root the address without a slash at its end.
 * @property host name or address of the computer, as it was written.
 */
class ServerAddress private constructor(val root: String, val host: String) {
    val isPlain: Boolean get() = root.startsWith("http://")

    /** The URL of [path], which starts with a slash. */
    fun url(path: String): URL = URL(root + path)

    override fun toString(): String = root

    companion object {
        // -1 is none.
        private val port = -1..65535

        /**
         * What the user wrote; without a scheme it is plain http where that is allowed, else https.
         *
         * @throws ServerError it is none, or plain http to a computer elsewhere.
         */
        fun of(text: String): ServerAddress {
            val written = text.trim()
            if (written.isEmpty()) throw ServerError(Kind.NO_ADDRESS)
            val uri = when {
                "://" in written -> parsed(written)
                Hosts.isPrivate(parsed("https://$written").host) -> parsed("http://$written")
                else -> parsed("https://$written")
            }
            val plain = uri.scheme.equals("http", ignoreCase = true)
            if (plain && !Hosts.isPrivate(uri.host)) throw ServerError(Kind.CLEARTEXT, uri.host)
            val scheme = if (plain) "http" else "https"
            val root = "$scheme://${uri.rawAuthority}${uri.rawPath.trimEnd('/')}"
            return ServerAddress(root, uri.host.removeSurrounding("[", "]"))
        }

        private fun parsed(text: String): URI {
            val uri = try {
                URI(text).also { URL(text) }
            } catch (_: URISyntaxException) {
                throw ServerError(Kind.BAD_ADDRESS, text)
            } catch (_: MalformedURLException) {
                throw ServerError(Kind.BAD_ADDRESS, text)
            }
            val sound = uri.scheme.lowercase() in setOf("http", "https") &&
                uri.host != null && uri.port in port && uri.port != 0 &&
                uri.rawUserInfo == null && uri.rawQuery == null && uri.rawFragment == null
            if (!sound) throw ServerError(Kind.BAD_ADDRESS, text)
            return uri
        }
    }
}
