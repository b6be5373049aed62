package org.memesdetection.ui.home

import android.os.Bundle
import org.memesdetection.R
import org.memesdetection.ui.Screen

/** The first screen: what was found, and all that can be done from here. */
class HomeActivity : Screen<HomeModel>() {
    override fun createModel(saved: Bundle?) = HomeModel(app)

    override val hasUp get() = false

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.home)
    }
}
