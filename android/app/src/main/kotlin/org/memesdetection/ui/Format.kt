package org.memesdetection.ui

import android.content.Context
import android.content.res.Resources
import android.text.format.DateFormat
import android.text.format.DateUtils
import java.text.NumberFormat
import java.util.Date
import org.memesdetection.R

/** Sizes and times as the user reads them. */
object Format {
    private val UNITS =
        intArrayOf(R.string.size_b, R.string.size_kb, R.string.size_mb, R.string.size_gb)

    /** A number of bytes, such as `12.3 MB`; units are steps of 1000, as in the system's own. */
    fun bytes(resources: Resources, bytes: Long): String {
        var size = bytes.toDouble()
        var unit = 0
        // What would be written as 1000 is 1 of the next unit.
        while (size >= 999.5 && unit < UNITS.size - 1) {
            size /= 1000
            unit++
        }
        val number = NumberFormat.getInstance(resources.configuration.locales[0])
        number.maximumFractionDigits = if (unit > 0 && size < 99.95) 1 else 0
        return resources.getString(UNITS[unit], number.format(size))
    }

    fun bytes(context: Context, bytes: Long): String = bytes(context.resources, bytes)

    /** A day, such as `5 Jan 2026`. [time] is in ms since 1970. */
    fun day(context: Context, time: Long): String =
        DateFormat.getMediumDateFormat(context).format(Date(time))

    /** A day and time, such as `5 Jan 2026, 14:05`. [time] is in ms since 1970. */
    fun dayAndTime(context: Context, time: Long): String = DateUtils.formatDateTime(
        context,
        time,
        DateUtils.FORMAT_SHOW_DATE or DateUtils.FORMAT_SHOW_YEAR or DateUtils.FORMAT_SHOW_TIME or
            DateUtils.FORMAT_ABBREV_MONTH,
    )

    /** A time from the past, such as `just now`, `5 minutes ago` or `yesterday`; ms since 1970. */
    fun ago(
        resources: Resources,
        time: Long,
        now: Long = System.currentTimeMillis(),
    ): CharSequence = if (now - time < DateUtils.MINUTE_IN_MILLIS) {
        resources.getString(R.string.just_now)
    } else {
        DateUtils.getRelativeTimeSpanString(time, now, DateUtils.MINUTE_IN_MILLIS)
    }

    /** A duration such as `3:07` or `1:02:03`. */
    fun duration(seconds: Long): String = DateUtils.formatElapsedTime(seconds)
}
