package org.memesdetection.server

import java.net.Inet6Address
import java.net.InetAddress
import java.net.NetworkInterface
import java.net.SocketException
import java.net.UnknownHostException

/** Which hosts are in the user's own network, and whether there is a network at all. */
internal object Hosts {
    private val ipv4 = Regex("""\d{1,3}(\.\d{1,3}){3}""")
    private val privateEndings =
        listOf(".localhost", ".local", ".home.arpa", ".internal", ".lan", ".home")

    /**
     * Whether a host, as it is written in an address, is in the user's own network: a private,
     * link-local or loopback address, or a name that only such networks give. Asks no network.
     */
    fun isPrivate(host: String): Boolean {
        val name = host.lowercase().removeSurrounding("[", "]").removeSuffix(".")
        return when {
            ':' in name || ipv4.matches(name) -> isPrivate(literal(name) ?: return false)

            // A last part of digits would be read as an address in an unusual spelling.
            name.substringAfterLast('.').all(Char::isDigit) -> false

            name.startsWith("0x") -> false

            else -> '.' !in name || privateEndings.any(name::endsWith)
        }
    }

    fun isPrivate(address: InetAddress): Boolean =
        address.isLoopbackAddress || address.isLinkLocalAddress ||
            if (address is Inet6Address) {
                // fc00::/7, unique local addresses.
                address.address[0].toInt() and 0xfe == 0xfc
            } else {
                address.isSiteLocalAddress
            }

    /** Whether the phone has an address in any network. Needs no permission, unlike asking Android. */
    fun networkIsThere(): Boolean = try {
        NetworkInterface.getNetworkInterfaces().asSequence()
            .filter { it.isUp && !it.isLoopback }
            .flatMap { it.inetAddresses.asSequence() }
            .any { !it.isLinkLocalAddress }
    } catch (_: SocketException) {
        true
    }

    private fun literal(address: String): InetAddress? = try {
        InetAddress.getByName(address)
    } catch (_: UnknownHostException) {
        null
    }
}
