package org.memesdetection

import android.app.Application
import android.content.ComponentCallbacks2
import android.content.Context
import org.memesdetection.background.Background
import org.memesdetection.background.Startup
import org.memesdetection.cleaning.Cleaning
import org.memesdetection.data.Database
import org.memesdetection.data.Marks
import org.memesdetection.data.Verdicts
import org.memesdetection.gallery.MediaGallery
import org.memesdetection.gallery.Scanner
import org.memesdetection.gallery.TreeGallery
import org.memesdetection.model.Card
import org.memesdetection.model.Classifier
import org.memesdetection.model.Thresholds
import org.memesdetection.settings.Appearance
import org.memesdetection.settings.Settings
import org.memesdetection.ui.Executors
import org.memesdetection.ui.Thumbnails

/** The process: what lives as long as it does. Each part is made when it is first needed. */
class App : Application() {
    val executors by lazy { Executors() }
    val settings by lazy { Settings(this) }
    val database by lazy { Database(this) }
    val verdicts by lazy { Verdicts(database, resources) }
    val marks by lazy { Marks(database) }
    val gallery by lazy { MediaGallery(this) }
    val trees by lazy { TreeGallery(contentResolver) }
    val cleaning by lazy { Cleaning(this, database) }

    /** The model's; throws `ModelError`, as [classifier] does. */
    val card by lazy { Card.read(assets) }
    val classifier by lazy { Classifier(this) }
    val scanner by lazy {
        Scanner(
            this, gallery, trees, database, verdicts,
            card = { card },
            classifier = { classifier },
            thresholds = { thresholds },
            onChange = { isOn -> Background.continueScan(this, isOn) },
        )
    }

    /** What verdicts follow from, as strict as the user wants it. */
    val thresholds: Thresholds
        get() = card.strictness.find { it.name == settings.strictness }?.thresholds
            ?: card.thresholds

    private val made = lazy { Thumbnails(contentResolver, executors.thumbnails) }
    val thumbnails by made

    override fun onCreate() {
        super.onCreate()
        executors.disk.execute { Startup.run(this) }
    }

    override fun attachBaseContext(base: Context) = super.attachBaseContext(Appearance.wrap(base))

    override fun onTrimMemory(level: Int) {
        super.onTrimMemory(level)
        if (level >= ComponentCallbacks2.TRIM_MEMORY_BACKGROUND && made.isInitialized()) {
            thumbnails.clear()
        }
    }
}
