package org.memesdetection.background

import android.util.Log
import org.memesdetection.App
import org.memesdetection.model.MemesError

/** What each process begins with: whatever an earlier one left in the middle. */
object Startup {
    /** Slow: not for the main thread. */
    fun run(app: App) {
        try {
            Background.schedule(app, app.settings)
            // Where nothing was ever kept there is nothing to go on with.
            if (!app.database.isThere) return
            app.cleaning.settle()
            Background.emptyTrash(app, app.cleaning.countInOwnTrash() > 0)
            app.scanner.resumeIfInterrupted()
        } catch (error: MemesError) {
            // The first screen says it: it reads the same database.
            Log.w("Startup", error)
        }
    }
}
