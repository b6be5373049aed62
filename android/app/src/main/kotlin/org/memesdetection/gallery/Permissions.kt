package org.memesdetection.gallery

import android.Manifest.permission
import android.app.Activity
import android.content.Context
import android.content.pm.PackageManager
import android.os.Build

/** Which pictures the user lets the app see. */
enum class Access {
    ALL,

    /** From API 34 on: those that the user chose. */
    SOME,
    NONE,
}

/** The permissions to see pictures, which differ from version to version. */
object Permissions {
    private const val IMAGES = "android.permission.READ_MEDIA_IMAGES"
    private const val CHOSEN = "android.permission.READ_MEDIA_VISUAL_USER_SELECTED"
    private const val PREFERENCES = "permissions"
    private const val ANSWERED = "answered"

    fun access(context: Context): Access = when {
        Build.VERSION.SDK_INT < 33 ->
            if (has(context, permission.READ_EXTERNAL_STORAGE)) Access.ALL else Access.NONE

        has(context, IMAGES) -> Access.ALL

        Build.VERSION.SDK_INT >= 34 && has(context, CHOSEN) -> Access.SOME

        else -> Access.NONE
    }

    /**
     * What to ask the user for. Below API 30 that includes writing, which moving to the app's own
     * trash needs; the system shows one dialog for both. With [Access.SOME] asking again lets the
     * user choose more.
     */
    fun asked(sdk: Int = Build.VERSION.SDK_INT): Array<String> = when {
        sdk < 30 -> arrayOf(permission.READ_EXTERNAL_STORAGE, permission.WRITE_EXTERNAL_STORAGE)
        sdk < 33 -> arrayOf(permission.READ_EXTERNAL_STORAGE)
        sdk < 34 -> arrayOf(IMAGES)
        else -> arrayOf(IMAGES, CHOSEN)
    }

    /** Remember that the user answered; call it from `onRequestPermissionsResult`. */
    fun answered(context: Context, results: IntArray) {
        // The system answers with nothing when its dialog was interrupted.
        if (results.isEmpty()) return
        context.getSharedPreferences(PREFERENCES, Context.MODE_PRIVATE).edit()
            .putBoolean(ANSWERED, true).apply()
    }

    /** Whether the system shows its dialog no more, as after two denials: settings help. */
    fun mustGoToSettings(activity: Activity): Boolean {
        val answered = activity.getSharedPreferences(PREFERENCES, Context.MODE_PRIVATE)
            .getBoolean(ANSWERED, false)
        return answered && access(activity) == Access.NONE &&
            !activity.shouldShowRequestPermissionRationale(asked().first())
    }

    private fun has(context: Context, name: String) =
        context.checkSelfPermission(name) == PackageManager.PERMISSION_GRANTED
}
