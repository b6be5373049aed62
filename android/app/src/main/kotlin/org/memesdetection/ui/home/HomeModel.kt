package org.memesdetection.ui.home

import org.memesdetection.App
import org.memesdetection.ui.ViewModel

/** What the first screen shows. */
class HomeModel(app: App) : ViewModel(app)
