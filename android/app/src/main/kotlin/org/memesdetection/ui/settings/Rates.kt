package org.memesdetection.ui.settings

import android.content.res.Resources
import java.util.Locale
import org.memesdetection.R
import org.memesdetection.model.Rate

/** A measured rate, rounded as the model's card does. */
internal fun rounded(rate: Double): String = String.format(Locale.ROOT, "%.1f %%", rate * 100)

/** The 95 % interval of a rate, such as `0.0–1.1 %`. */
internal fun Rate.interval(resources: Resources): String = resources.getString(
    R.string.settings_interval,
    rounded(low).removeSuffix(" %"),
    rounded(high),
)
