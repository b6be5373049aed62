package org.memesdetection

import android.Manifest.permission
import android.app.PendingIntent
import android.content.ClipData
import android.content.ContentProvider
import android.content.ContentResolver
import android.content.ContentUris
import android.content.ContentValues
import android.content.Intent
import android.content.UriMatcher
import android.content.pm.PackageManager
import android.content.res.AssetFileDescriptor
import android.database.Cursor
import android.database.sqlite.SQLiteDatabase
import android.database.sqlite.SQLiteQueryBuilder
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.os.CancellationSignal
import android.os.Environment
import android.os.ParcelFileDescriptor
import android.provider.MediaStore
import java.io.File
import java.io.FileNotFoundException
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/**
 * Stands for the phone's media provider in tests and behaves like it: rows in a real SQLite table,
 * real files below the external storage, permissions as the app really has them, trash only by a
 * request that the user says yes to ([applyTrash]), generations that count up.
 *
 *     val store = FakeMediaStore.install()
 *     val uri = store.add("a.jpg", bytes)
 */
class FakeMediaStore : ContentProvider() {
    private lateinit var rows: SQLiteDatabase
    private var generation = 0L
    private val unmounted = mutableSetOf<String>()
    private var asked: Request? = null

    /** The database's version; another one tells apps to forget all generations. */
    var version = "1"

    /** Pictures that the user chose, under partial access from API 34 on. */
    val chosen = mutableSetOf<Uri>()

    /** Called before a picture's content is handed out; may wait or throw. */
    @Volatile var onOpen: (Uri) -> Unit = {}

    /** Called before a query is answered; may throw. */
    @Volatile var onQuery: (Uri) -> Unit = {}

    /** Rows are deleted but files stay, as on a memory card below API 30. */
    var filesStay = false

    /** How often the provider was asked for rows. */
    @Volatile var queries = 0
        private set

    private class Request(val uris: List<Uri>, val trash: Boolean)

    override fun onCreate(): Boolean {
        rows = SQLiteDatabase.create(null)
        rows.execSQL(
            """CREATE TABLE images (
                _id INTEGER PRIMARY KEY AUTOINCREMENT, _data TEXT UNIQUE, _display_name TEXT,
                _size INTEGER, mime_type TEXT, date_added INTEGER, date_modified INTEGER,
                datetaken INTEGER, width INTEGER, height INTEGER, orientation INTEGER,
                bucket_id INTEGER, bucket_display_name TEXT, relative_path TEXT,
                volume_name TEXT DEFAULT 'external_primary', is_pending INTEGER DEFAULT 0,
                is_trashed INTEGER DEFAULT 0, date_expires INTEGER, owner_package_name TEXT,
                generation_added INTEGER, generation_modified INTEGER)""",
        )
        return true
    }

    /**
     * Put a picture on the phone, as another app would.
     *
     * @param folder below the storage's root.
     * @param modified seconds since 1970; it counts as added then, too.
     * @param taken milliseconds since 1970; null where the picture does not tell.
     */
    fun add(
        name: String,
        content: ByteArray,
        folder: String = WHATSAPP,
        modified: Long = 1_767_700_000,
        taken: Long? = null,
        volume: String = "external_primary",
        pending: Boolean = false,
    ): Uri {
        val file = File(root(volume), folder.trim('/') + "/" + name)
        file.parentFile!!.mkdirs()
        file.writeBytes(content)
        file.setLastModified(modified * 1000)
        val values = described(file, folder.trim('/') + "/", volume)
        values.put("date_added", modified)
        values.put("datetaken", taken)
        values.put("is_pending", if (pending) 1 else 0)
        return uri(inserted(values))
    }

    /** Put a file of the computer on the phone. */
    fun add(file: File, folder: String = WHATSAPP): Uri = add(file.name, file.readBytes(), folder)

    /** The content becomes another one, as by an app that edits it. */
    fun replace(uri: Uri, content: ByteArray, modified: Long = 1_767_800_000) {
        val file = file(uri)
        file.writeBytes(content)
        file.setLastModified(modified * 1000)
        val values = ContentValues()
        values.put("_size", content.size)
        values.put("date_modified", modified)
        values.put("generation_modified", ++generation)
        rows.update("images", values, "_id = ?", arrayOf(uri.lastPathSegment))
    }

    /** The picture is deleted, as by another app. */
    fun remove(uri: Uri) {
        file(uri).delete()
        rows.delete("images", "_id = ?", arrayOf(uri.lastPathSegment))
    }

    /** The user takes a volume, like a memory card, out. */
    fun unmount(volume: String) {
        unmounted += volume
    }

    /** The volume is back. */
    fun mount(volume: String) {
        unmounted -= volume
    }

    /** The user grants what the app asks for. */
    fun grant() {
        val all = READ + WRITE + PARTIAL
        shadowOf(RuntimeEnvironment.getApplication()).grantPermissions(*all.toTypedArray())
    }

    /** The user takes all permissions away in the settings. */
    fun revoke() {
        val all = READ + WRITE + PARTIAL
        shadowOf(RuntimeEnvironment.getApplication()).denyPermissions(*all.toTypedArray())
    }

    /** From API 34 on: the user lets the app see only the pictures in [chosen]. */
    fun grantChosenOnly() {
        revoke()
        shadowOf(RuntimeEnvironment.getApplication()).grantPermissions(*PARTIAL.toTypedArray())
    }

    /** The user says yes in the system's dialog on moving to the trash or taking out of it. */
    fun applyTrash() {
        val request = checkNotNull(asked) { "no trash request was made" }
        asked = null
        for (uri in request.uris) {
            val file = file(uri)
            val name = file.name.removePrefix(TRASHED)
            val target = File(file.parentFile, if (request.trash) TRASHED + name else name)
            check(file.renameTo(target))
            val values = ContentValues()
            values.put("_data", target.path)
            values.put("is_trashed", if (request.trash) 1 else 0)
            values.put("date_expires", if (request.trash) EXPIRES else null)
            values.put("generation_modified", ++generation)
            rows.update("images", values, "_id = ?", arrayOf(uri.lastPathSegment))
        }
    }

    /** The user says no. */
    fun refuse() {
        asked = null
    }

    /** The pictures that the app's last request asks about; empty where there is none. */
    val requested: List<Uri>
        get() = asked?.uris.orEmpty()

    /** Whether the picture is in the system's trash. */
    fun isTrashed(uri: Uri): Boolean = long(uri, "is_trashed") == 1L

    /** Whether the phone still has the picture, in the trash or not. */
    fun has(uri: Uri): Boolean = long(uri, "_id") != null

    /** Where the picture's content lies. */
    fun file(uri: Uri): File {
        val cursor = rows.rawQuery(
            "SELECT _data FROM images WHERE _id = ?",
            arrayOf(uri.lastPathSegment),
        )
        return cursor.use {
            if (!it.moveToFirst()) throw FileNotFoundException("No item at $uri")
            File(it.getString(0))
        }
    }

    /** The root folder of a volume. */
    @Suppress("DEPRECATION")
    fun root(volume: String = "external_primary"): File = if (volume == "external_primary") {
        Environment.getExternalStorageDirectory()
    } else {
        File(context!!.cacheDir, "storage/$volume")
    }

    override fun query(
        uri: Uri,
        projection: Array<String>?,
        selection: String?,
        arguments: Array<String>?,
        order: String?,
    ): Cursor {
        val bundle = Bundle()
        bundle.putString(ContentResolver.QUERY_ARG_SQL_SELECTION, selection)
        bundle.putStringArray(ContentResolver.QUERY_ARG_SQL_SELECTION_ARGS, arguments)
        bundle.putString(ContentResolver.QUERY_ARG_SQL_SORT_ORDER, order)
        return query(uri, projection, bundle, null)
    }

    override fun query(
        uri: Uri,
        projection: Array<String>?,
        arguments: Bundle?,
        signal: CancellationSignal?,
    ): Cursor {
        queries++
        onQuery(uri)
        val volume = volume(uri)
        if ((if (volume == "external") "external_primary" else volume) in unmounted) {
            throw IllegalArgumentException("Volume $volume not found")
        }
        val builder = SQLiteQueryBuilder()
        builder.tables = "images"
        builder.appendWhere(visible(uri, arguments ?: Bundle()))
        val cursor = builder.query(
            rows,
            checked(projection),
            arguments?.getString(ContentResolver.QUERY_ARG_SQL_SELECTION),
            arguments?.getStringArray(ContentResolver.QUERY_ARG_SQL_SELECTION_ARGS),
            null,
            null,
            arguments?.getString(ContentResolver.QUERY_ARG_SQL_SORT_ORDER),
        )
        cursor.setNotificationUri(context!!.contentResolver, uri)
        return cursor
    }

    /** As SQL, what the caller may see. */
    private fun visible(uri: Uri, arguments: Bundle): String {
        val conditions = mutableListOf("1")
        if (volume(uri) != "external") conditions += "volume_name = '${volume(uri)}'"
        if (unmounted.isNotEmpty()) {
            conditions += "volume_name NOT IN (${unmounted.joinToString { "'$it'" }})"
        }
        if (isItem(uri)) conditions += "_id = ${ContentUris.parseId(uri)}"
        if (Build.VERSION.SDK_INT >= 29) {
            conditions += matching("is_pending", arguments, "android:query-arg-match-pending", uri)
        }
        if (Build.VERSION.SDK_INT >= 30) {
            conditions += matching("is_trashed", arguments, "android:query-arg-match-trashed", uri)
        }
        if (!mayRead()) {
            if (Build.VERSION.SDK_INT < 29) throw SecurityException("Permission Denial: reading")
            // Later versions show an app its own pictures only, of which there are none.
            conditions += if (maySeeChosen()) {
                "_id IN (${chosen.joinToString { it.lastPathSegment!! }})"
            } else {
                "0"
            }
        }
        return conditions.joinToString(" AND ")
    }

    private fun matching(column: String, arguments: Bundle, key: String, uri: Uri): String = when {
        // An item that is named is found wherever it is.
        isItem(uri) -> "1"

        arguments.getInt(key) == 1 -> "1"

        arguments.getInt(key) == 3 -> "$column = 1"

        else -> "$column = 0"
    }

    /** Columns that the system's version does not have yet are refused, as by the real one. */
    private fun checked(projection: Array<String>?): Array<String>? {
        val sdk = Build.VERSION.SDK_INT
        val tooNew = buildSet {
            if (sdk < 29) addAll(listOf("relative_path", "is_pending", "volume_name"))
            if (sdk < 30) addAll(listOf("is_trashed", "generation_added", "generation_modified"))
        }
        projection?.firstOrNull { it in tooNew }?.let {
            throw IllegalArgumentException("Invalid column $it")
        }
        return projection
    }

    override fun getType(uri: Uri): String? = if (isItem(uri)) text(uri, "mime_type") else null

    override fun insert(uri: Uri, values: ContentValues?): Uri {
        // From 30 on anybody may add pictures of their own.
        if (Build.VERSION.SDK_INT < 30 && !mayWrite()) {
            throw SecurityException("Permission Denial: writing")
        }
        val path = values!!.getAsString("_data")
        val volume = "external_primary"
        val file = if (path != null) {
            File(path)
        } else {
            File(root(), values.getAsString("relative_path") + values.getAsString("_display_name"))
        }
        file.parentFile!!.mkdirs()
        if (!file.exists()) file.createNewFile()
        val folder = file.parentFile!!.relativeTo(root()).path + "/"
        val row = described(file, folder, volume)
        row.putAll(values)
        row.put("_data", file.path)
        row.put("date_added", 1_767_900_000)
        row.put("owner_package_name", context!!.packageName)
        return uri(inserted(row))
    }

    override fun delete(uri: Uri, selection: String?, arguments: Array<String>?): Int {
        if (!mayWrite(uri)) throw SecurityException("Permission Denial: writing")
        require(isItem(uri)) { "tests delete one picture at a time" }
        if (!has(uri)) return 0
        if (!filesStay) file(uri).delete()
        return rows.delete("images", "_id = ?", arrayOf(uri.lastPathSegment))
    }

    override fun update(
        uri: Uri,
        values: ContentValues?,
        selection: String?,
        arguments: Array<String>?,
    ): Int {
        if (!mayWrite(uri)) {
            throw SecurityException("${context!!.packageName} has no access to $uri")
        }
        val file = file(uri)
        values!!.put("_size", file.length())
        values.put("date_modified", file.lastModified() / 1000)
        values.put("generation_modified", ++generation)
        return rows.update("images", values, "_id = ?", arrayOf(uri.lastPathSegment))
    }

    override fun call(method: String, argument: String?, extras: Bundle?): Bundle? = when (method) {
        "create_trash_request" -> trashRequest(extras!!)
        "get_version" -> Bundle().apply { putString(Intent.EXTRA_TEXT, version) }
        "get_generation" -> Bundle().apply { putLong(Intent.EXTRA_INDEX, generation) }
        else -> super.call(method, argument, extras)
    }

    @Suppress("DEPRECATION")
    private fun trashRequest(extras: Bundle): Bundle {
        val clip = extras.getParcelable<ClipData>("clip_data")!!
        val uris = (0 until clip.itemCount).map { clip.getItemAt(it).uri }
        require(uris.size <= 2000) { "at most 2000 items in a request" }
        for (uri in uris) {
            require(isItem(uri)) { "All requested items must be referenced by specific ID" }
            require(has(uri)) { "No item at $uri" }
        }
        val values = extras.getParcelable<ContentValues>("content_values")!!
        asked = Request(uris, values.getAsInteger("is_trashed") == 1)
        val intent = Intent("ask").setPackage(context!!.packageName)
        val pending = PendingIntent.getActivity(context, 1, intent, PendingIntent.FLAG_IMMUTABLE)
        return Bundle().apply { putParcelable("result", pending) }
    }

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        onOpen(uri)
        if (mode != "r" && !mayWrite(uri)) throw SecurityException("Permission Denial: writing")
        if (!mayRead() && !isOwn(uri) && !(maySeeChosen() && uri in chosen)) {
            throw SecurityException("Permission Denial: opening $uri")
        }
        if (text(uri, "volume_name") in unmounted) throw FileNotFoundException("No item at $uri")
        return ParcelFileDescriptor.open(file(uri), ParcelFileDescriptor.parseMode(mode))
    }

    // What ContentResolver.loadThumbnail asks for; the whole picture is a thumbnail, too.
    override fun openTypedAssetFile(
        uri: Uri,
        mimeTypeFilter: String,
        opts: Bundle?,
        signal: CancellationSignal?,
    ): AssetFileDescriptor =
        AssetFileDescriptor(openFile(uri, "r"), 0, AssetFileDescriptor.UNKNOWN_LENGTH)

    override fun openTypedAssetFile(
        uri: Uri,
        mimeTypeFilter: String,
        opts: Bundle?,
    ): AssetFileDescriptor = openTypedAssetFile(uri, mimeTypeFilter, opts, null)

    private fun described(file: File, folder: String, volume: String) = ContentValues().apply {
        put("_data", file.path)
        put("_display_name", file.name)
        put("_size", file.length())
        put("mime_type", MIMES[file.extension.lowercase()] ?: "image/jpeg")
        put("date_modified", file.lastModified() / 1000)
        put("relative_path", folder)
        put("bucket_id", folder.hashCode())
        put("bucket_display_name", file.parentFile!!.name)
        put("volume_name", volume)
        put("generation_added", ++generation)
        put("generation_modified", generation)
    }

    private fun inserted(values: ContentValues): Long = rows.insertOrThrow("images", null, values)

    private fun uri(id: Long) =
        ContentUris.withAppendedId(MediaStore.Images.Media.EXTERNAL_CONTENT_URI, id)

    private fun long(uri: Uri, column: String): Long? = text(uri, column)?.toLong()

    private fun text(uri: Uri, column: String): String? = rows.rawQuery(
        "SELECT $column FROM images WHERE _id = ?",
        arrayOf(uri.lastPathSegment),
    ).use { if (it.moveToFirst()) it.getString(0) else null }

    private fun volume(uri: Uri) = uri.pathSegments.first()

    private fun isItem(uri: Uri) = MATCHER.match(uri) == ITEM

    private fun mayRead(): Boolean = when {
        Build.VERSION.SDK_INT >= 33 -> granted("android.permission.READ_MEDIA_IMAGES")
        else -> granted(permission.READ_EXTERNAL_STORAGE)
    }

    private fun maySeeChosen() = Build.VERSION.SDK_INT >= 34 && PARTIAL.all(::granted)

    // Later than 29 no permission lets an app touch what others own.
    private fun mayWrite() =
        Build.VERSION.SDK_INT < 30 && granted(permission.WRITE_EXTERNAL_STORAGE)

    private fun mayWrite(uri: Uri) = mayWrite() || (Build.VERSION.SDK_INT >= 30 && isOwn(uri))

    private fun isOwn(uri: Uri) = text(uri, "owner_package_name") == context!!.packageName

    private fun granted(name: String) =
        RuntimeEnvironment.getApplication().checkSelfPermission(name) ==
            PackageManager.PERMISSION_GRANTED

    companion object {
        const val WHATSAPP = "WhatsApp/Media/WhatsApp Images"

        /** The folder since Android 11. */
        const val WHATSAPP_NEW = "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images"

        private const val TRASHED = ".trashed-1770292000-"
        private const val EXPIRES = 1_770_292_000L
        private val READ =
            listOf(permission.READ_EXTERNAL_STORAGE, "android.permission.READ_MEDIA_IMAGES")
        private val WRITE = listOf(permission.WRITE_EXTERNAL_STORAGE)
        private val PARTIAL = listOf("android.permission.READ_MEDIA_VISUAL_USER_SELECTED")
        private val MIMES =
            mapOf("png" to "image/png", "webp" to "image/webp", "gif" to "image/gif")
        private const val ITEM = 1
        private val MATCHER = UriMatcher(UriMatcher.NO_MATCH).apply {
            addURI(MediaStore.AUTHORITY, "*/images/media/#", ITEM)
        }

        /** Register it for authority `media`, with all permissions granted to the app. */
        fun install(): FakeMediaStore {
            val provider = Robolectric.buildContentProvider(FakeMediaStore::class.java)
                .create(MediaStore.AUTHORITY).get()
            provider.grant()
            return provider
        }
    }
}
