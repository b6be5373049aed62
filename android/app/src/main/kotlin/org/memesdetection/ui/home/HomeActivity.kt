package org.memesdetection.ui.home

import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.provider.Settings.ACTION_APPLICATION_DETAILS_SETTINGS
import android.view.View
import android.widget.Button
import android.widget.ProgressBar
import java.text.NumberFormat
import org.memesdetection.R
import org.memesdetection.gallery.Access
import org.memesdetection.gallery.Permissions
import org.memesdetection.gallery.Phase
import org.memesdetection.gallery.ScanState
import org.memesdetection.ui.CardButton
import org.memesdetection.ui.Format
import org.memesdetection.ui.Screen
import org.memesdetection.ui.check.CheckActivity
import org.memesdetection.ui.check.Where
import org.memesdetection.ui.review.CleanupsActivity
import org.memesdetection.ui.review.ReviewActivity
import org.memesdetection.ui.settings.SettingsActivity
import org.memesdetection.ui.verdicts.VerdictsActivity

/** The first screen: what was found, and all that can be done from here. */
class HomeActivity : Screen<HomeModel>() {
    override val hasUp get() = false

    override fun createModel(saved: Bundle?) = HomeModel(app, saved)

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.home)
        setTitle(R.string.app_name)
        on(R.id.home_scan, ::scan)
        on(R.id.home_cancel, model::cancel)
        on(R.id.home_ping, model::ping)
        opens(R.id.home_one_phone) { CheckActivity.intent(this, Where.PHONE, many = false) }
        opens(R.id.home_many_phone) { CheckActivity.intent(this, Where.PHONE, many = true) }
        opens(R.id.home_one_server) { CheckActivity.intent(this, Where.SERVER, many = false) }
        opens(R.id.home_many_server) { CheckActivity.intent(this, Where.SERVER, many = true) }
        opens(R.id.home_review) { ReviewActivity.intent(this) }
        opens(R.id.home_review_row) { ReviewActivity.intent(this) }
        opens(R.id.home_verdicts) { Intent(this, VerdictsActivity::class.java) }
        opens(R.id.home_cleanups) { CleanupsActivity.intent(this) }
        opens(R.id.home_settings) { Intent(this, SettingsActivity::class.java) }
        model.state.draw { draw(it, model.scan.value) }
        model.scan.draw { draw(model.state.value, it) }
    }

    override fun onStart() {
        super.onStart()
        model.show(Permissions.mustGoToSettings(this))
    }

    private fun on(id: Int, act: () -> Unit) = findViewById<View>(id).setOnClickListener { act() }

    private fun opens(id: Int, intent: () -> Intent) = on(id) { startActivity(intent()) }

    private fun scan() {
        if (Permissions.access(this) != Access.NONE) model.scan() else askForPictures()
    }

    private fun askForPictures() {
        if (Permissions.mustGoToSettings(this)) {
            openSettings()
        } else {
            requestPermissions(Permissions.asked(), PICTURES)
        }
    }

    private fun openSettings() = startActivity(
        Intent(ACTION_APPLICATION_DETAILS_SETTINGS, Uri.fromParts("package", packageName, null)),
    )

    override fun onRequestPermissionsResult(request: Int, names: Array<String>, results: IntArray) {
        if (request != PICTURES || results.isEmpty()) return
        Permissions.answered(this, results)
        model.permitted(Permissions.mustGoToSettings(this))
    }

    private fun draw(state: HomeState, scan: ScanState) {
        drawFound(state.found)
        drawScan(scan)
        drawNotice(state, scan)
        findViewById<CardButton>(R.id.home_ping).setLine(line(state.ping))
        val memes = state.found?.memes?.count ?: 0
        show(R.id.home_review, memes > 0 && !isOn(scan))
    }

    private fun drawFound(found: Found?) {
        show(R.id.home_line, found != null)
        if (found == null) {
            setText(R.id.home_found, "")
        } else if (found.judged == 0) {
            setText(R.id.home_found, getString(R.string.home_nothing_yet))
            setText(R.id.home_line, getString(R.string.home_nothing_yet_line))
        } else {
            val count = found.memes.count
            setText(
                R.id.home_found,
                resources.getQuantityString(R.plurals.home_memes, count, count),
            )
            val size = Format.bytes(resources, found.memes.bytes)
            val among = resources.getQuantityString(
                R.plurals.home_judged,
                found.judged,
                found.judged,
            )
            val checked = found.lastCheck?.let {
                getString(R.string.home_line, among, Format.ago(resources, it))
            }
            setText(R.id.home_line, size + " " + (checked ?: among))
        }
    }

    private fun isOn(scan: ScanState) = scan.isBusy || scan.phase == Phase.PAUSED

    private fun drawScan(scan: ScanState) {
        val paused = scan.phase == Phase.PAUSED
        show(R.id.home_scan, !isOn(scan))
        show(R.id.home_progress, isOn(scan))
        show(R.id.home_pause, isOn(scan) && scan.phase != Phase.LISTING)
        show(R.id.home_cancel, isOn(scan))
        val bar = findViewById<ProgressBar>(R.id.home_bar)
        bar.isIndeterminate = scan.phase == Phase.LISTING
        bar.max = maxOf(1, scan.total)
        bar.progress = scan.done
        setText(
            R.id.home_count,
            when {
                scan.phase == Phase.LISTING -> getString(R.string.home_listing)
                paused -> getString(R.string.home_paused, scan.done, scan.total)
                else -> getString(R.string.home_progress, scan.done, scan.total)
            },
        )
        val rate = rate(scan)
        show(R.id.home_rate, rate != null && !paused)
        setText(R.id.home_rate, rate.orEmpty())
        val pause = findViewById<Button>(R.id.home_pause)
        pause.setText(if (paused) R.string.home_resume else R.string.home_pause)
        pause.setOnClickListener { if (paused) model.resume() else model.pause() }
    }

    private fun rate(scan: ScanState): String? {
        if (scan.picturesPerSecond <= 0) return null
        val number = NumberFormat.getInstance(resources.configuration.locales[0])
        number.maximumFractionDigits = if (scan.picturesPerSecond < 10) 1 else 0
        val rate = number.format(scan.picturesPerSecond)
        val left = scan.secondsLeft ?: return getString(R.string.home_rate_only, rate)
        return getString(R.string.home_rate, rate, Format.duration(left))
    }

    /** What stands in the way of a scan, with what can be done about it. */
    private fun drawNotice(state: HomeState, scan: ScanState) {
        val error = scan.error?.takeIf { scan.phase == Phase.FAILED }
        val none = state.access == Access.NONE
        when {
            none && state.blocked ->
                notice(R.string.home_denied_settings, R.string.home_open_settings, ::openSettings)

            none && state.denied -> notice(
                R.string.home_denied,
                R.string.home_allow,
                ::askForPictures,
            )

            error != null -> notice(error.text(resources), R.string.home_resume, model::resume)

            state.access == Access.SOME -> notice(R.string.home_some, R.string.home_choose_more) {
                requestPermissions(Permissions.asked(), PICTURES)
            }

            else -> show(R.id.home_notice, false)
        }
    }

    private fun notice(text: Int, action: Int, act: () -> Unit) =
        notice(getString(text), action, act)

    private fun notice(text: String, action: Int, act: () -> Unit) {
        show(R.id.home_notice, true)
        setText(R.id.home_notice_text, text)
        findViewById<Button>(R.id.home_notice_action).setText(action)
        on(R.id.home_notice_action, act)
    }

    private fun line(ping: Ping): String = when (ping) {
        Ping.None -> getString(R.string.home_ping_line)
        Ping.Asking -> getString(R.string.home_pinging)
        Ping.NoServer -> getString(R.string.home_no_server)
        is Ping.Answer -> getString(R.string.home_pong, ping.pong.message, ping.pong.milliseconds)
        is Ping.Failure -> ping.error.text(resources)
    }

    private fun show(id: Int, shown: Boolean) {
        findViewById<View>(id).visibility = if (shown) View.VISIBLE else View.GONE
    }

    companion object {
        private const val PICTURES = 1

        /** The one first screen there is, with none above it. */
        fun intent(context: Context): Intent = Intent(context, HomeActivity::class.java)
            .addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_SINGLE_TOP)
    }
}
