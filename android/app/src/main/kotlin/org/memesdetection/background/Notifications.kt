package org.memesdetection.background

import android.Manifest
import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Build
import android.os.Bundle
import android.text.format.Formatter
import org.memesdetection.R

/** The app's one notification: new memes that a check in the background found. */
object Notifications {
    private const val CHANNEL = "new_memes"
    private const val NEW_MEMES = 1
    private const val MEMES = "memes"
    private const val BYTES = "bytes"
    private const val REVIEW = "org.memesdetection.ui.review.ReviewActivity"

    /** Make the channel, which the user finds in the system's settings. */
    fun prepare(context: Context) {
        val name = context.getString(R.string.channel_new_memes)
        val channel = NotificationChannel(CHANNEL, name, NotificationManager.IMPORTANCE_LOW)
        channel.description = context.getString(R.string.channel_new_memes_description)
        manager(context).createNotificationChannel(channel)
    }

    /** Whether the user lets the app notify. */
    fun allowed(context: Context): Boolean {
        val granted = Build.VERSION.SDK_INT < 33 ||
            context.checkSelfPermission(Manifest.permission.POST_NOTIFICATIONS) ==
            PackageManager.PERMISSION_GRANTED
        return granted && manager(context).areNotificationsEnabled()
    }

    /** Tell of new memes; those of a notification that is still there are added to them. */
    fun tell(context: Context, memes: Int, bytes: Long) {
        if (memes == 0 || !allowed(context)) return
        prepare(context)
        val before = manager(context).activeNotifications.firstOrNull { it.id == NEW_MEMES }
            ?.notification?.extras ?: Bundle()
        val count = memes + before.getInt(MEMES)
        val size = bytes + before.getLong(BYTES)
        val open = PendingIntent.getActivity(
            context,
            NEW_MEMES,
            Intent().setClassName(context, REVIEW).addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP),
            PendingIntent.FLAG_UPDATE_CURRENT or PendingIntent.FLAG_IMMUTABLE,
        )
        val extras = Bundle()
        extras.putInt(MEMES, count)
        extras.putLong(BYTES, size)
        val notification = Notification.Builder(context, CHANNEL)
            .setSmallIcon(R.drawable.ic_notification)
            .setContentTitle(
                context.resources.getQuantityString(
                    R.plurals.new_memes,
                    count,
                    count,
                    Formatter.formatShortFileSize(context, size),
                ),
            )
            .setContentText(context.getString(R.string.new_memes_hint))
            .setContentIntent(open)
            .setAutoCancel(true)
            .setOnlyAlertOnce(true)
            .setCategory(Notification.CATEGORY_STATUS)
            .addExtras(extras)
            .build()
        manager(context).notify(NEW_MEMES, notification)
    }

    /** The user saw the new memes. */
    fun clear(context: Context) = manager(context).cancel(NEW_MEMES)

    private fun manager(context: Context) =
        context.getSystemService(NotificationManager::class.java)
}
