package org.memesdetection.settings

import android.app.LocaleManager
import android.content.Context
import android.os.Build
import android.os.LocaleList
import org.memesdetection.NeedsApi

/** The app's own language: from Android 13 on the system keeps it, below [Appearance] sets it. */
internal object Language {
    /** What the system keeps: a tag such as `hi`, or empty; null where it keeps none. */
    fun ofSystem(context: Context): String? {
        if (Build.VERSION.SDK_INT < 33) return null
        val locales = locales(context) ?: return null
        return if (locales.isEmpty) "" else locales[0].language
    }

    fun tellSystem(context: Context, language: String) {
        if (Build.VERSION.SDK_INT >= 33) setLocales(context, LocaleList.forLanguageTags(language))
    }

    @NeedsApi(33)
    private fun locales(context: Context): LocaleList? =
        context.getSystemService(LocaleManager::class.java)?.applicationLocales

    @NeedsApi(33)
    private fun setLocales(context: Context, locales: LocaleList) {
        context.getSystemService(LocaleManager::class.java)?.applicationLocales = locales
    }
}
