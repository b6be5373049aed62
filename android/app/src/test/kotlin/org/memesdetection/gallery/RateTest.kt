package org.memesdetection.gallery

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test

class RateTest {
    @Test
    fun `tells pictures a second and seconds left`() {
        var now = 0L
        val rate = Rate { now }
        assertEquals(0.0, rate.perSecond, 0.0)
        assertNull(rate.secondsFor(10))
        repeat(10) {
            now += 500_000_000
            rate.tick()
        }
        assertEquals(2.0, rate.perSecond, 1e-9)
        assertEquals(50L, rate.secondsFor(100))
        // What was long ago counts no more.
        repeat(100) {
            now += 100_000_000
            rate.tick()
        }
        assertEquals(10.0, rate.perSecond, 1e-9)
    }
}
