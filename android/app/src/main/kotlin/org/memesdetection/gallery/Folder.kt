package org.memesdetection.gallery

/**
 * A folder with pictures.
 *
 * @property path below the storage's root, with a slash at its end.
 * @property count of the pictures right in it.
 * @property isWhatsApp whether it holds what came by WhatsApp.
 */
data class Folder(val path: String, val count: Int, val isWhatsApp: Boolean)

/** Where messengers put pictures; below a path means in it or in a folder of it. */
internal object Messengers {
    private val whatsApp = listOf(
        "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/",
        "WhatsApp/Media/WhatsApp Images/",
        "Android/media/com.whatsapp.w4b/WhatsApp Business/Media/WhatsApp Business Images/",
        "WhatsApp Business/Media/WhatsApp Business Images/",
    )
    private val others = listOf(
        "Android/media/org.telegram.messenger/Telegram/Telegram Images/",
        "Telegram/Telegram Images/",
        "Pictures/Telegram/",
    )

    fun isWhatsApp(folder: String): Boolean = whatsApp.any { folder.isBelow(it) }

    /** 0 for WhatsApp, 1 for other messengers, 2 for all else. */
    fun rank(folder: String): Int = when {
        isWhatsApp(folder) -> 0
        others.any { folder.isBelow(it) } -> 1
        else -> 2
    }
}

/** Whether it is that folder or within it; names of folders do not tell capitals on phones. */
internal fun String.isBelow(folder: String): Boolean =
    startsWith(folder.trimEnd('/') + "/", ignoreCase = true)
