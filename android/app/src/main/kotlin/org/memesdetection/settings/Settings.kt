package org.memesdetection.settings

import android.content.Context
import android.content.SharedPreferences

/** What the user chose; kept on the phone alone. Safe to read and write on any thread. */
class Settings(private val context: Context) {
    private val stored: SharedPreferences =
        context.getSharedPreferences(FILE, Context.MODE_PRIVATE)

    /** Name of the step of strictness: `careful`, `normal` or `eager`; see the model's card. */
    var strictness: String
        get() = text(STRICTNESS).ifEmpty { NORMAL }
        set(value) = write { putString(STRICTNESS, value) }

    /**
     * Paths of the folders to look through, with those in them; null for the usual ones: those of
     * messengers, or all where there are none.
     */
    var folders: Set<String>?
        get() = stored.getStringSet(FOLDERS, null)?.toSet()
        set(value) = write { putStringSet(FOLDERS, value) }

    /** Whether new pictures are looked at now and then. */
    var backgroundCheck: Boolean
        get() = stored.getBoolean(BACKGROUND_CHECK, false)
        set(value) = write { putBoolean(BACKGROUND_CHECK, value) }

    /** Minutes between two checks in the background, no fewer than the system allows. */
    var everyMinutes: Int
        get() = stored.getInt(EVERY_MINUTES, DAY).coerceAtLeast(LEAST_MINUTES)
        set(value) = write { putInt(EVERY_MINUTES, value.coerceAtLeast(LEAST_MINUTES)) }

    /** Whether the phone must be charging for a check in the background. */
    var onlyCharging: Boolean
        get() = stored.getBoolean(ONLY_CHARGING, false)
        set(value) = write { putBoolean(ONLY_CHARGING, value) }

    /** Address of the server, such as `https://memes.example.org`; empty for none. */
    var serverAddress: String
        get() = text(SERVER_ADDRESS)
        set(value) = write { putString(SERVER_ADDRESS, value) }

    /** What the server asks for; empty for none. */
    var serverKey: String
        get() = text(SERVER_KEY)
        set(value) = write { putString(SERVER_KEY, value) }

    /** `en`, `hi`, or empty for the system's; from Android 13 on the system keeps it. */
    var language: String
        get() = Language.ofSystem(context) ?: text(LANGUAGE)
        set(value) {
            write { putString(LANGUAGE, value) }
            Language.tellSystem(context, value)
        }

    /** `system`, `light` or `dark`. */
    var theme: String
        get() = text(THEME).ifEmpty { SYSTEM }
        set(value) = write { putString(THEME, value) }

    private fun text(key: String): String = stored.getString(key, null).orEmpty()

    private inline fun write(change: SharedPreferences.Editor.() -> SharedPreferences.Editor) {
        stored.edit().change().apply()
    }

    companion object {
        const val NORMAL = "normal"
        const val SYSTEM = "system"
        const val LIGHT = "light"
        const val DARK = "dark"
        const val LEAST_MINUTES = 15
        private const val DAY = 24 * 60
        private const val FILE = "settings"
        private const val STRICTNESS = "strictness"
        private const val FOLDERS = "folders"
        private const val BACKGROUND_CHECK = "background_check"
        private const val EVERY_MINUTES = "every_minutes"
        private const val ONLY_CHARGING = "only_charging"
        private const val SERVER_ADDRESS = "server_address"
        private const val SERVER_KEY = "server_key"
        private const val LANGUAGE = "language"
        private const val THEME = "theme"
    }
}
