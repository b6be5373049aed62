package org.memesdetection.ui.review

import org.memesdetection.App
import org.memesdetection.data.Judged

/** All judged pictures of the phone by the shipped model, as strict as the user wants it. */
fun App.judged(): List<Judged> = verdicts.all(thresholds, card.identity)
