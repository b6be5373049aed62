package org.memesdetection.ui.home

import android.app.Activity
import android.os.Bundle
import org.memesdetection.R

/** The first screen. */
class MainActivity : Activity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        setContentView(R.layout.main)
    }
}
