package org.memesdetection.model

/** What is thought of one picture; [probability] of being a meme is 0-1, calibrated on val. */
data class Judgement(val verdict: Verdict, val probability: Double, val reason: Reason)
