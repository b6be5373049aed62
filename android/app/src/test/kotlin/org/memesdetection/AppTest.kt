package org.memesdetection

import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.memesdetection.ui.home.HomeActivity
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.tensorflow.lite.Interpreter

@RunWith(RobolectricTestRunner::class)
class AppTest {
    @Test
    fun `starts with its name on the screen`() {
        Robolectric.buildActivity(HomeActivity::class.java).setup().use { controller ->
            assertEquals("Memes", controller.get().title)
            Screenshot.take(controller.get(), "start")
        }
    }

    @Test
    @Config(qualifiers = "+hi-rIN-night")
    fun `speaks Hindi in the dark`() {
        Robolectric.buildActivity(HomeActivity::class.java).setup().use { controller ->
            assertEquals("मीम", controller.get().title)
            Screenshot.take(controller.get(), "start-hindi-dark")
        }
    }

    @Test
    @Config(sdk = [34])
    fun `loads the shipped model from the assets`() {
        NativeTflite.load()
        val assets = RuntimeEnvironment.getApplication().assets
        // Stored, not compressed, so that a phone maps it instead of copying it.
        assets.openFd("model.tflite").use { assertTrue(it.declaredLength > 1_000_000) }
        val bytes = assets.open("model.tflite").use { it.readBytes() }
        val model = ByteBuffer.allocateDirect(bytes.size).order(ByteOrder.nativeOrder()).put(bytes)
        Interpreter(model).use {
            assertEquals(listOf(1, 224, 224, 3), it.getInputTensor(0).shape().toList())
        }
    }
}
