package org.memesdetection.server

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.server.ServerError.Kind
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34])
class ServerAddressTest {
    @Test
    fun `takes https anywhere, and plain http in the user's own network`() {
        val taken = mapOf(
            "https://memes.example.org" to "https://memes.example.org",
            " HTTPS://memes.example.org:8443/judge/ " to "https://memes.example.org:8443/judge",
            "memes.example.org" to "https://memes.example.org",
            "192.168.1.20:5001" to "http://192.168.1.20:5001",
            "http://10.0.2.2:5001" to "http://10.0.2.2:5001",
            "http://172.31.255.1" to "http://172.31.255.1",
            "http://169.254.3.4" to "http://169.254.3.4",
            "http://localhost:5001" to "http://localhost:5001",
            "http://raspberrypi.local:5001" to "http://raspberrypi.local:5001",
            "raspberrypi:5001" to "http://raspberrypi:5001",
            "http://[fe80::1]:5001" to "http://[fe80::1]:5001",
            "http://[fd12:3456::1]" to "http://[fd12:3456::1]",
            "http://[::1]:5001" to "http://[::1]:5001",
        )
        taken.forEach { (text, root) -> assertEquals(text, root, ServerAddress.of(text).root) }
    }

    @Test
    fun `refuses plain http to anywhere else`() {
        val elsewhere = listOf(
            "http://memes.example.org",
            "http://8.8.8.8:5001",
            "http://172.32.0.1",
            "http://192.168.1.20.example.org",
            "http://local.example.org",
            "http://[2001:db8::1]:5001",
            "http://134744072",
            "http://0x08080808",
        )
        elsewhere.forEach { assertEquals(it, Kind.CLEARTEXT, kindOf(it)) }
    }

    @Test
    fun `refuses what is no address`() {
        assertEquals(Kind.NO_ADDRESS, kindOf("  "))
        val wrong = listOf(
            "ftp://192.168.1.20",
            "https://",
            "https://a b",
            "https://user:secret@memes.example.org",
            "https://memes.example.org?key=1",
            "https://memes.example.org#top",
            "https://memes.example.org:99999",
            "https://memes.example.org:x",
        )
        wrong.forEach { assertEquals(it, Kind.BAD_ADDRESS, kindOf(it)) }
    }

    private fun kindOf(text: String) =
        assertThrows(text, ServerError::class.java) { ServerAddress.of(text) }.kind
}
