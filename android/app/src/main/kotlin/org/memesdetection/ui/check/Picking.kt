package org.memesdetection.ui.check

import android.content.Intent
import android.net.Uri
import android.os.Build
import android.provider.MediaStore
import org.memesdetection.NeedsApi

/** The system's ways to let the user pick pictures; none of them needs a permission. */
object Picking {
    private const val IMAGES = "image/*"

    /** The photo picker where the system has one, else [documents]. */
    fun pictures(many: Boolean): Intent =
        if (Build.VERSION.SDK_INT >= 33) picker(many) else documents(many)

    /** The system's file browser. */
    fun documents(many: Boolean): Intent = Intent(Intent.ACTION_OPEN_DOCUMENT)
        .addCategory(Intent.CATEGORY_OPENABLE)
        .setType(IMAGES)
        .putExtra(Intent.EXTRA_ALLOW_MULTIPLE, many)

    fun folder(): Intent = Intent(Intent.ACTION_OPEN_DOCUMENT_TREE)

    @NeedsApi(33)
    private fun picker(many: Boolean): Intent {
        val intent = Intent(MediaStore.ACTION_PICK_IMAGES).setType(IMAGES)
        // One is what it lets the user pick unless it is told how many.
        if (many) {
            intent.putExtra(
                MediaStore.EXTRA_PICK_IMAGES_MAX,
                MediaStore.getPickImagesMaxLimit(),
            )
        }
        return intent
    }

    /** What the user picked. */
    fun picked(result: Intent?): List<Uri> {
        val clip = result?.clipData ?: return listOfNotNull(result?.data)
        return List(clip.itemCount) { clip.getItemAt(it).uri }.filterNotNull()
    }

    /** What another app shares. */
    @Suppress("DEPRECATION")
    fun shared(intent: Intent): List<Uri>? = when (intent.action) {
        Intent.ACTION_SEND -> listOfNotNull(intent.getParcelableExtra(Intent.EXTRA_STREAM))

        Intent.ACTION_SEND_MULTIPLE ->
            intent.getParcelableArrayListExtra<Uri>(Intent.EXTRA_STREAM).orEmpty().filterNotNull()

        else -> null
    }
}
