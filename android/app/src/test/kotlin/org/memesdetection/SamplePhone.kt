package org.memesdetection

import android.app.Activity
import android.graphics.Insets
import android.graphics.Rect
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.view.WindowInsets
import android.widget.TextView
import java.io.File
import java.text.SimpleDateFormat
import java.util.Locale
import org.memesdetection.data.Failure
import org.memesdetection.data.Known
import org.memesdetection.data.Scans
import org.memesdetection.data.Seen
import org.memesdetection.model.Content
import org.memesdetection.model.DamagedPicture
import org.memesdetection.model.Float16
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.android.controller.ActivityController

/** A phone with the pictures of samples/ on it. */
object SamplePhone {
    val app: App get() = RuntimeEnvironment.getApplication() as App

    /** What the shipped model makes of each picture of samples/. */
    private val probabilities = mapOf(
        "IMG-20260105-WA0001.jpg" to 0.0422, "IMG-20260105-WA0002.jpg" to 0.9998,
        "IMG-20260105-WA0003.png" to 0.3719, "IMG-20260107-WA0001.jpg" to 0.0266,
        "IMG-20260107-WA0002.jpg" to 0.9895, "IMG-20260111-WA0001.jpg" to 0.0189,
        "IMG-20260111-WA0002.jpg" to 0.0097, "IMG-20260111-WA0003.jpg" to 0.9914,
        "IMG-20260114-WA0001.webp" to 0.9966, "IMG-20260114-WA0002.jpg" to 0.0447,
        "IMG-20260120-WA0001.jpg" to 0.9864, "IMG-20260120-WA0002.jpg" to 0.0569,
        "IMG-20260120-WA0003.jpg" to 0.8967,
    )

    /** The pictures, not judged yet. */
    fun withPictures(): FakeMediaStore {
        val store = FakeMediaStore.install()
        probabilities.keys.sorted().forEachIndexed { place, name ->
            val day = SimpleDateFormat("yyyyMMdd", Locale.ROOT).parse(name.substring(4, 12))!!
            val folder = if (place % 4 == 3) "DCIM/Camera" else FakeMediaStore.WHATSAPP
            store.add(
                name,
                sample(name).readBytes(),
                folder,
                day.time / 1000 + place,
                day.time + place,
            )
        }
        return store
    }

    /** The pictures, judged as the shipped model does. */
    fun judged(): FakeMediaStore {
        val store = withPictures()
        val model = app.card.identity
        app.verdicts.put(
            app.gallery.photos().map {
                val sha256 = Content.read(app.contentResolver, it.uri).sha256
                Seen(
                    it,
                    sha256,
                    Known(probabilities.getValue(it.name), false, embedding(it.name)),
                    true,
                )
            },
            model,
        )
        Scans(app.database).mark("ended", System.currentTimeMillis().toString())
        return store
    }

    /** One more picture, which could not be judged. */
    fun addDamaged(store: FakeMediaStore, name: String = "IMG-20260121-WA0004.jpg") {
        val uri = store.add(name, byteArrayOf(1, 2, 3))
        val photo = app.gallery.photo(uri)!!
        app.verdicts.put(listOf(Failure(photo, DamagedPicture())), app.card.identity)
    }

    fun uri(name: String): Uri = app.gallery.photos().first { it.name == name }.uri

    private fun sample(name: String) = File("../samples", name)

    // No two are alike, so that a correction teaches nothing about the others.
    private fun embedding(name: String): ByteArray {
        val own = FloatArray(app.card.channels)
        own[probabilities.keys.indexOf(name)] = 1f
        return Float16.bytes(own)
    }
}

/** Opens a screen and waits until it shows what there is. */
fun <A : Activity> open(intent: android.content.Intent, screen: Class<A>): ActivityController<A> {
    val controller = Robolectric.buildActivity(screen, intent).setup()
    settle()
    controller.get().relayout()
    return controller
}

/** Ends the process behind a screen, and opens the screen again as the system does. */
fun <A : Activity> ActivityController<A>.die(screen: Class<A>): ActivityController<A> {
    val intent = get().intent
    val state = Bundle()
    pause().stop().saveInstanceState(state).destroy()
    val again = Robolectric.buildActivity(screen, intent).create(state).start()
    again.restoreInstanceState(state).postCreate(state).resume().visible()
    settle()
    again.get().relayout()
    return again
}

/** Lists fill themselves when they are laid out. */
fun Activity.relayout() {
    val screen = resources.displayMetrics
    val exactly = { size: Int -> View.MeasureSpec.makeMeasureSpec(size, View.MeasureSpec.EXACTLY) }
    window.decorView.measure(exactly(screen.widthPixels), exactly(screen.heightPixels))
    window.decorView.layout(0, 0, screen.widthPixels, screen.heightPixels)
    settle()
}

/** Lays the system's navigation bar over the screen, and returns where it begins. */
fun Activity.putNavigationBar(height: Int): Int {
    val insets = WindowInsets.Builder()
        .setInsets(WindowInsets.Type.systemBars(), Insets.of(0, 0, 0, height))
        .build()
    findViewById<View>(R.id.screen).dispatchApplyWindowInsets(insets)
    relayout()
    return resources.displayMetrics.heightPixels - height
}

/** Where the view ends, from the top of the screen. */
val View.end: Int
    get() {
        val place = Rect(0, 0, width, height)
        (rootView as ViewGroup).offsetDescendantRectToMyCoords(this, place)
        return place.bottom
    }

fun Activity.press(id: Int) {
    check(findViewById<View>(id).performClick()) { "nothing listens to the press" }
    settle()
    relayout()
}

fun Activity.text(id: Int): String = findViewById<TextView>(id).text.toString()

fun Activity.shows(id: Int): Boolean = findViewById<View>(id).isShown
