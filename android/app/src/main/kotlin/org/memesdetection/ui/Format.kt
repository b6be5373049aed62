package org.memesdetection.ui

import android.content.Context
import android.text.format.DateFormat
import android.text.format.DateUtils
import android.text.format.Formatter
import java.util.Date

/** Sizes and times as the user reads them. */
object Format {
    /** A number of bytes, such as `12.3 MB`. */
    fun bytes(context: Context, bytes: Long): String = Formatter.formatFileSize(context, bytes)

    /** A day, such as `5 Jan 2026`. [time] is in ms since 1970. */
    fun day(context: Context, time: Long): String =
        DateFormat.getMediumDateFormat(context).format(Date(time))

    /** A time from the near past, such as `5 minutes ago` or `yesterday`; ms since 1970. */
    fun ago(time: Long, now: Long = System.currentTimeMillis()): CharSequence =
        DateUtils.getRelativeTimeSpanString(time, now, DateUtils.MINUTE_IN_MILLIS)

    /** A duration such as `3:07` or `1:02:03`. */
    fun duration(seconds: Long): String = DateUtils.formatElapsedTime(seconds)
}
