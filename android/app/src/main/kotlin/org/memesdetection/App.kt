package org.memesdetection

import android.app.Application

/** The process: what lives as long as it does. */
class App : Application()
