package org.memesdetection.gallery

import android.content.ContentResolver
import android.content.ContentUris
import android.content.Context
import android.database.Cursor
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.os.Environment
import android.provider.MediaStore
import android.provider.MediaStore.Images.Media
import java.io.File
import org.memesdetection.NeedsApi

/**
 * The pictures that the system knows of. What another app is still writing (pending) and what is in
 * the trash is left out.
 *
 * All functions throw [GalleryError] where the system does not tell.
 */
class MediaGallery(private val context: Context) {
    private val resolver: ContentResolver = context.contentResolver

    /** All folders with pictures, those of WhatsApp first. */
    fun folders(): List<Folder> = photos().groupingBy { it.folder }.eachCount()
        .map { (path, count) -> Folder(path, count, Messengers.isWhatsApp(path)) }
        .sortedWith(compareBy({ Messengers.rank(it.path) }, { it.path }))

    /** The messengers' folders that are there; null, which means all folders, if none is. */
    fun usual(): Set<String>? = folders().map { it.path }
        .filterTo(HashSet()) { Messengers.rank(it) < 2 }.ifEmpty { null }

    /**
     * Pictures, WhatsApp's first, then those of other messengers, in each the newest first.
     *
     * @param folders only pictures within these; null for all.
     * @param since only pictures that are new or changed since; null for all.
     */
    fun photos(folders: Set<String>? = null, since: Since? = null): List<Photo> {
        val (selection, arguments) = newer(since)
        return rows(Media.EXTERNAL_CONTENT_URI, selection, arguments)
            .filter { photo -> folders == null || folders.any { photo.folder.isBelow(it) } }
            .sortedWith(
                compareBy<Photo> { Messengers.rank(it.folder) }
                    .thenByDescending { it.modified }.thenByDescending { it.uri },
            )
    }

    /** A picture as it is now; null if it is gone, in the trash or not to be seen. */
    fun photo(uri: Uri): Photo? = rows(uri, null, emptyArray()).firstOrNull()

    /** The present moment; ask before listing, so that nothing falls between. */
    fun now(): Since {
        if (Build.VERSION.SDK_INT >= 30) return Since(version(), generation(), 0)
        val latest = queried(
            Media.EXTERNAL_CONTENT_URI,
            arrayOf(ADDED),
            order = "$ADDED DESC",
        ).use { if (it.moveToFirst()) it.getLong(0) else 0 }
        return Since("", 0, latest)
    }

    /** Where the file lies, as the system tells; null if it does not. */
    fun path(uri: Uri): File? = queried(uri, arrayOf(DATA)).use {
        if (it.moveToFirst() && !it.isNull(0)) File(it.getString(0)) else null
    }

    private fun newer(since: Since?): Pair<String?, Array<String>> = when {
        since == null -> Pair(null, emptyArray())

        // One more may have come within the same second.
        Build.VERSION.SDK_INT < 30 -> Pair("$ADDED >= ?", arrayOf("${since.added}"))

        // The system made its list anew, so its generations began anew.
        since.version != version() -> Pair(null, emptyArray())

        else -> Pair("$GENERATION > ?", arrayOf("${since.generation}"))
    }

    private fun rows(uri: Uri, selection: String?, arguments: Array<String>): List<Photo> {
        val sdk = Build.VERSION.SDK_INT
        val conditions = buildList {
            selection?.let(::add)
            if (sdk >= 29) add("is_pending = 0")
            if (sdk >= 30) add("is_trashed = 0")
        }
        val columns = buildList {
            addAll(COLUMNS)
            add(if (sdk >= 29) RELATIVE_PATH else DATA)
            if (sdk >= 30) add(GENERATION)
        }.toTypedArray()
        return queried(uri, columns, conditions.joinToString(" AND "), arguments).use { rows ->
            val photos = ArrayList<Photo>(rows.count)
            while (rows.moveToNext()) photos += photo(rows)
            photos
        }
    }

    private fun photo(row: Cursor): Photo {
        val modified = row.getLong(3)
        return Photo(
            uri = ContentUris.withAppendedId(Media.EXTERNAL_CONTENT_URI, row.getLong(0)),
            name = row.getString(1).orEmpty(),
            folder = when {
                Build.VERSION.SDK_INT >= 29 -> row.getString(6).orEmpty()
                else -> folder(row.getString(6).orEmpty())
            },
            bytes = row.getLong(2),
            modified = modified,
            taken = if (row.isNull(4)) modified * 1000 else row.getLong(4),
            mime = row.getString(5).orEmpty(),
            generation = if (Build.VERSION.SDK_INT >= 30) row.getLong(7) else 0,
        )
    }

    /** The folder of a file below its storage's root, as later systems name it. */
    @Suppress("DEPRECATION")
    private fun folder(path: String): String {
        val parent = path.substringBeforeLast('/', "") + "/"
        val primary = Environment.getExternalStorageDirectory().path + "/"
        if (parent.startsWith(primary)) return parent.removePrefix(primary)
        return parent.replaceFirst(STORAGE, "")
    }

    private fun queried(
        uri: Uri,
        columns: Array<String>,
        selection: String = "",
        arguments: Array<String> = emptyArray(),
        order: String? = null,
    ): Cursor {
        // From API 29 on the system shows an app without permission no pictures and says nothing.
        if (Permissions.access(context) == Access.NONE) throw NoAccess()
        val query = Bundle()
        query.putString(ContentResolver.QUERY_ARG_SQL_SELECTION, selection.ifEmpty { null })
        query.putStringArray(ContentResolver.QUERY_ARG_SQL_SELECTION_ARGS, arguments)
        query.putString(ContentResolver.QUERY_ARG_SQL_SORT_ORDER, order)
        return try {
            resolver.query(uri, columns, query, null)
        } catch (error: SecurityException) {
            throw NoAccess().apply { initCause(error) }
        } catch (error: RuntimeException) {
            throw NoStorage().apply { initCause(error) }
        } ?: throw NoStorage()
    }

    @NeedsApi(30)
    private fun generation(): Long = told {
        MediaStore.getGeneration(context, MediaStore.VOLUME_EXTERNAL_PRIMARY)
    }

    @NeedsApi(30)
    private fun version(): String = told {
        MediaStore.getVersion(context, MediaStore.VOLUME_EXTERNAL_PRIMARY)
    }

    private inline fun <T> told(ask: () -> T): T {
        if (Permissions.access(context) == Access.NONE) throw NoAccess()
        return try {
            ask()
        } catch (error: RuntimeException) {
            throw NoStorage().apply { initCause(error) }
        }
    }

    private companion object {
        const val ADDED = "date_added"
        const val DATA = "_data"
        const val RELATIVE_PATH = "relative_path"
        const val GENERATION = "generation_modified"
        val COLUMNS = listOf(
            "_id",
            "_display_name",
            "_size",
            "date_modified",
            "datetaken",
            "mime_type",
        )
        val STORAGE = Regex("^/storage/(emulated/[0-9]+|[^/]+)/")
    }
}
