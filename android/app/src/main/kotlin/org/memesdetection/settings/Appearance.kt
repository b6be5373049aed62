package org.memesdetection.settings

import android.content.Context
import android.content.res.Configuration
import android.os.Build
import android.os.LocaleList
import java.util.Locale

/** How screens look and speak by the settings; two that are equal need no new screen. */
data class Appearance(val language: String, val theme: String) {
    companion object {
        /** What the settings say now. */
        fun of(context: Context): Appearance = Settings(context).run { Appearance(language, theme) }

        /**
         * A context for screens, notifications or the application: [base] in the chosen language
         * and theme.
         */
        fun wrap(base: Context): Context {
            val chosen = of(base)
            val change = Configuration()
            // Only what is set here replaces what the base has.
            change.fontScale = 0f
            if (chosen.language.isNotEmpty() && !systemKeepsLanguage) {
                val locale = Locale.forLanguageTag(chosen.language)
                change.setLocales(LocaleList(locale))
            }
            night(chosen.theme)?.let { change.uiMode = it }
            return base.createConfigurationContext(change).also(::speak)
        }

        // Without a choice it is the system's again: the platform words times by this alone.
        private fun speak(context: Context) {
            if (!systemKeepsLanguage) Locale.setDefault(context.resources.configuration.locales[0])
        }

        private val systemKeepsLanguage: Boolean
            get() = Build.VERSION.SDK_INT >= 33

        private fun night(theme: String): Int? = when (theme) {
            Settings.LIGHT -> Configuration.UI_MODE_NIGHT_NO
            Settings.DARK -> Configuration.UI_MODE_NIGHT_YES
            else -> null
        }
    }
}
