package org.memesdetection.model

import kotlin.math.exp
import kotlin.math.floor

/** The probability, 0-1, that a logit stands for. */
fun sigmoid(logit: Double): Double =
    // Either form is exact; each is used where its exponential cannot overflow.
    if (logit >= 0) 1 / (1 + exp(-logit)) else exp(logit) / (1 + exp(logit))

/** A share of 0-1 as a person reads it, such as "96.4 %"; never rounded up to certainty. */
fun percent(share: Double): String {
    val thousandths = floor(share * 1000).toInt()
    return "${thousandths / 10}.${thousandths % 10} %"
}
