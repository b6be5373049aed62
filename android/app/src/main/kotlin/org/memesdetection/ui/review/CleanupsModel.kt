package org.memesdetection.ui.review

import android.os.Bundle
import org.memesdetection.App
import org.memesdetection.cleaning.Cleanup
import org.memesdetection.ui.State

/** The clean-ups so far, the last one first; null until they are read. */
class CleanupsModel(app: App, saved: Bundle?) : CleaningModel(app, saved) {
    val state = State<List<Cleanup>?>(null)

    fun refresh() = work(droppable = true) { reload() }

    override fun reload() = state.set(app.cleaning.cleanups().sortedByDescending { it.number })
}
