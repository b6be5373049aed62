package org.memesdetection.ui.review

import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import android.content.IntentSender
import android.os.Bundle
import org.memesdetection.R
import org.memesdetection.ui.Format
import org.memesdetection.ui.Message
import org.memesdetection.ui.Screen

/** A screen that asks what a [CleaningModel] must know before it moves pictures. */
abstract class CleaningScreen<M : CleaningModel> : Screen<M>() {
    private var dialog: AlertDialog? = null

    override fun onPostCreate(saved: Bundle?) {
        super.onPostCreate(saved)
        model.ask.draw(::ask)
    }

    override fun onDestroy() {
        dialog?.dismiss()
        super.onDestroy()
    }

    private fun ask(ask: Ask?) {
        dialog?.dismiss()
        dialog = when (ask) {
            null -> null

            is Ask.Others -> askOthers(ask)

            is Ask.Own -> askOwn(ask)

            is Ask.System -> {
                askSystem(ask)
                null
            }
        }
    }

    private fun askOthers(ask: Ask.Others): AlertDialog {
        val text = resources.getQuantityString(
            R.plurals.cleanups_others,
            ask.others,
            ask.others,
            ask.count,
        )
        val builder = builder(text)
            .setPositiveButton(R.string.cleanups_all) { _, _ -> model.go(onlyMemes = false) }
        if (ask.others < ask.count) {
            builder.setNeutralButton(R.string.cleanups_only_memes) { _, _ ->
                model.go(onlyMemes = true)
            }
        }
        return builder.show()
    }

    private fun askOwn(ask: Ask.Own): AlertDialog {
        val (count, bytes) = ask.tally
        val text = resources.getQuantityString(
            R.plurals.cleanups_own,
            count,
            count,
            Format.bytes(resources, bytes),
        )
        return builder(text)
            .setPositiveButton(R.string.review_trash) { _, _ -> model.moveToOwnTrash() }
            .show()
    }

    private fun builder(text: String) = AlertDialog.Builder(this)
        .setMessage(text)
        .setNegativeButton(R.string.cancel) { _, _ -> model.cancel() }
        .setOnCancelListener { model.cancel() }

    private fun askSystem(ask: Ask.System) {
        model.asking()
        try {
            startIntentSenderForResult(ask.intent.intentSender, SYSTEM, null, 0, 0, 0)
        } catch (_: IntentSender.SendIntentException) {
            model.answered(yes = false)
            model.message.set(Message { it.getString(R.string.cleanups_no_dialog) })
        }
    }

    @Deprecated("The framework's way to hear of a dialog's answer.")
    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        @Suppress("DEPRECATION")
        super.onActivityResult(request, result, data)
        if (request == SYSTEM) model.answered(result == Activity.RESULT_OK)
    }

    private companion object {
        const val SYSTEM = 1
    }
}
