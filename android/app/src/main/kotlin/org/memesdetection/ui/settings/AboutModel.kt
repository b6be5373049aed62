package org.memesdetection.ui.settings

import org.memesdetection.App
import org.memesdetection.model.Card
import org.memesdetection.ui.State
import org.memesdetection.ui.ViewModel

/** The model's card, once it is read. */
class AboutModel(app: App) : ViewModel(app) {
    val card = State<Card?>(null)

    init {
        work(droppable = true) { card.set(app.card) }
    }
}
