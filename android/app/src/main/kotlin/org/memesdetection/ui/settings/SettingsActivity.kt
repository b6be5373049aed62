package org.memesdetection.ui.settings

import android.Manifest
import android.app.AlertDialog
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.provider.Settings.ACTION_APPLICATION_DETAILS_SETTINGS
import android.text.Editable
import android.text.SpannableStringBuilder
import android.text.Spanned
import android.text.TextWatcher
import android.text.style.TextAppearanceSpan
import android.view.View
import android.widget.Button
import android.widget.EditText
import android.widget.RadioButton
import android.widget.RadioGroup
import android.widget.Switch
import android.widget.TextView
import android.widget.Toast
import org.memesdetection.R
import org.memesdetection.gallery.Folder
import org.memesdetection.model.MemesError
import org.memesdetection.model.Strictness
import org.memesdetection.settings.Settings
import org.memesdetection.ui.CardButton
import org.memesdetection.ui.ChipRow
import org.memesdetection.ui.Message
import org.memesdetection.ui.Screen

/** All that the user can choose. */
class SettingsActivity : Screen<SettingsModel>() {
    private var dialog: AlertDialog? = null

    override fun createModel(saved: Bundle?) = SettingsModel(app)

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.settings)
        setTitle(R.string.settings_title)
        on(R.id.settings_folders, model::askForFolders)
        on(R.id.settings_notify, ::askToNotify)
        on(R.id.settings_test, model::test)
        on(R.id.settings_about) { startActivity(Intent(this, AboutActivity::class.java)) }
        findViewById<Switch>(R.id.settings_background).setOnClickListener { check(it as Switch) }
        findViewById<Switch>(R.id.settings_charging)
            .setOnClickListener { model.onlyCharging((it as Switch).isChecked) }
        field(R.id.settings_address, model.address) { model.address = it }
        field(R.id.settings_key, model.key) { model.key = it }
        model.state.draw(::draw)
    }

    override fun onStart() {
        super.onStart()
        model.refresh()
    }

    override fun onPause() {
        // What is in the fields holds without a button, if it can.
        model.takeServer()
        super.onPause()
    }

    override fun onDestroy() {
        dialog?.dismiss()
        super.onDestroy()
    }

    private fun on(id: Int, act: () -> Unit) = findViewById<View>(id).setOnClickListener { act() }

    private fun field(id: Int, text: String, onChange: (String) -> Unit) {
        val field = findViewById<EditText>(id)
        // The model knows it over a rotation; two that remember would not agree.
        field.isSaveEnabled = false
        field.setText(text)
        field.addTextChangedListener(object : TextWatcher {
            override fun beforeTextChanged(text: CharSequence, at: Int, old: Int, new: Int) {}

            override fun onTextChanged(text: CharSequence, at: Int, old: Int, new: Int) {}

            override fun afterTextChanged(text: Editable) = onChange(text.toString())
        })
        field.setOnFocusChangeListener { _, focused -> if (!focused) model.takeServer() }
    }

    private fun draw(state: SettingsState) {
        drawStrictness(state)
        drawFolders(state)
        drawBackground(state)
        drawServer(state)
        findViewById<ChipRow>(R.id.settings_language).choose(
            LANGUAGES.keys.toList(),
            state.language,
            { getString(LANGUAGES.getValue(it)) },
        ) {
            model.language(it)
            // From Android 13 on the system does it.
            if (Build.VERSION.SDK_INT < 33) recreate()
        }
        findViewById<ChipRow>(R.id.settings_theme).choose(
            THEMES.keys.toList(),
            state.theme,
            { getString(THEMES.getValue(it)) },
        ) {
            model.theme(it)
            recreate()
        }
    }

    private fun drawStrictness(state: SettingsState) {
        val group = findViewById<RadioGroup>(R.id.settings_strictness)
        group.setOnCheckedChangeListener(null)
        if (group.childCount != state.strictnesses.size) {
            group.removeAllViews()
            for (step in state.strictnesses) {
                val button = layoutInflater.inflate(R.layout.settings_step, group, false)
                button.id = View.generateViewId()
                button.tag = step.name
                (button as RadioButton).text = described(step)
                group.addView(button)
            }
        }
        group.findViewWithTag<RadioButton>(state.strictness)?.let { group.check(it.id) }
        group.setOnCheckedChangeListener { _, id ->
            model.strictness(group.findViewById<View>(id).tag as String)
        }
    }

    private fun described(step: Strictness): CharSequence {
        val name = STEPS[step.name]?.let(::getString) ?: step.name
        val rates = getString(
            R.string.settings_rates,
            rounded(step.falseAlarmsAmongPersonal.rate),
            step.falseAlarmsAmongPersonal.interval(resources),
            rounded(step.falseAlarms.rate),
            rounded(step.recall.rate),
        )
        val text = SpannableStringBuilder(name).append("\n").append(rates)
        val small = TextAppearanceSpan(this, R.style.Text_Faint)
        text.setSpan(small, name.length, text.length, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
        return text
    }

    private fun drawFolders(state: SettingsState) {
        val folders = state.folders
        findViewById<CardButton>(R.id.settings_folders).setLine(
            if (folders == null) {
                getString(R.string.settings_usual)
            } else {
                folders.sorted().joinToString { it.trimEnd('/').substringAfterLast('/') }
            },
        )
        val choosable = state.choosable
        if (choosable == null) {
            dialog?.dismiss()
            dialog = null
        } else if (dialog == null) {
            dialog = askForFolders(choosable)
        }
    }

    private fun askForFolders(choice: Choice): AlertDialog {
        val all = choice.folders
        val chosen = BooleanArray(all.size) { all[it].path in choice.chosen }
        val labels = all.map {
            resources.getQuantityString(R.plurals.settings_folder, it.count, shown(it), it.count)
        }
        val asked = AlertDialog.Builder(this)
            .setTitle(R.string.settings_folders)
            .setMultiChoiceItems(labels.toTypedArray(), chosen) { _, place, isChosen ->
                chosen[place] = isChosen
            }
            .setPositiveButton(R.string.settings_take, null)
            .setNeutralButton(R.string.settings_as_usual) { _, _ -> model.folders(null) }
            .setNegativeButton(R.string.cancel) { _, _ -> model.keepFolders() }
            .setOnCancelListener { model.keepFolders() }
            .show()
        asked.getButton(AlertDialog.BUTTON_POSITIVE).setOnClickListener {
            val paths = all.indices.filter(chosen::get).mapTo(LinkedHashSet()) { all[it].path }
            // The dialog stays: with no folder at all nothing could ever be found.
            if (paths.isEmpty()) {
                Toast.makeText(this, R.string.settings_no_folder, Toast.LENGTH_LONG).show()
            } else {
                model.folders(paths)
            }
        }
        return asked
    }

    private fun shown(folder: Folder) =
        folder.path.trimEnd('/').ifEmpty { getString(R.string.settings_no_name) }

    private fun drawBackground(state: SettingsState) {
        findViewById<Switch>(R.id.settings_background).isChecked = state.backgroundCheck
        findViewById<Switch>(R.id.settings_charging).isChecked = state.onlyCharging
        show(R.id.settings_background_more, state.backgroundCheck)
        show(R.id.settings_notify, state.backgroundCheck && !state.mayNotify)
        show(R.id.settings_no_access, state.backgroundCheck && !state.mayLook)
        val choices = (INTERVALS.keys + state.everyMinutes).sorted()
        findViewById<ChipRow>(R.id.settings_every)
            .choose(choices, state.everyMinutes, ::every, model::every)
    }

    private fun every(minutes: Int): String = INTERVALS[minutes]?.let(::getString)
        ?: getString(R.string.settings_minutes, minutes)

    private fun check(switch: Switch) {
        model.backgroundCheck(switch.isChecked)
        if (switch.isChecked && !model.state.value.mayNotify && Build.VERSION.SDK_INT >= 33) {
            requestPermissions(arrayOf(Manifest.permission.POST_NOTIFICATIONS), NOTIFY)
        }
    }

    /** What the system's dialog did not give, its settings may. */
    private fun askToNotify() {
        val details = Uri.fromParts("package", packageName, null)
        try {
            startActivity(Intent(ACTION_APPLICATION_DETAILS_SETTINGS, details))
        } catch (_: ActivityNotFoundException) {
            model.message.set(Message { it.getString(R.string.settings_no_settings) })
        }
    }

    override fun onRequestPermissionsResult(request: Int, names: Array<String>, results: IntArray) {
        if (request == NOTIFY) model.refresh()
    }

    private fun drawServer(state: SettingsState) {
        say(R.id.settings_address_error, state.addressError)
        say(R.id.settings_key_error, state.keyError)
        findViewById<Button>(R.id.settings_test).isEnabled = state.test != Test.Asking
        val result = findViewById<TextView>(R.id.settings_tested)
        show(R.id.settings_tested, state.test != Test.None)
        result.text = when (val test = state.test) {
            Test.None -> ""
            Test.Asking -> getString(R.string.settings_asking)
            is Test.Answered -> getString(R.string.settings_answered, test.pong.milliseconds)
            is Test.Failed -> test.error.text(resources)
        }
        result.setTextColor(
            getColor(
                when (state.test) {
                    is Test.Answered -> R.color.not_meme
                    is Test.Failed -> R.color.meme
                    else -> R.color.text_faint
                },
            ),
        )
    }

    private fun say(id: Int, error: MemesError?) {
        show(id, error != null)
        setText(id, error?.text(resources).orEmpty())
    }

    private fun show(id: Int, shown: Boolean) {
        findViewById<View>(id).visibility = if (shown) View.VISIBLE else View.GONE
    }

    companion object {
        private const val NOTIFY = 1
        private val LANGUAGES = linkedMapOf(
            "" to R.string.settings_system,
            "en" to R.string.settings_english,
            "hi" to R.string.settings_hindi,
        )
        private val THEMES = linkedMapOf(
            Settings.SYSTEM to R.string.settings_system,
            Settings.LIGHT to R.string.settings_light,
            Settings.DARK to R.string.settings_dark,
        )
        private val STEPS = mapOf(
            "careful" to R.string.settings_careful,
            "normal" to R.string.settings_normal,
            "eager" to R.string.settings_eager,
        )
        private val INTERVALS = linkedMapOf(
            15 to R.string.settings_quarter,
            60 to R.string.settings_hour,
            6 * 60 to R.string.settings_six_hours,
            24 * 60 to R.string.settings_day,
        )

        fun intent(context: Context): Intent = Intent(context, SettingsActivity::class.java)
    }
}
