package org.memesdetection.ui.settings

import android.os.Bundle
import android.view.View
import java.text.NumberFormat
import org.memesdetection.R
import org.memesdetection.model.Card
import org.memesdetection.model.Rate
import org.memesdetection.ui.Format
import org.memesdetection.ui.Screen

/** What the app is made of: its version, the model with its figures and data, and the licences. */
class AboutActivity : Screen<AboutModel>() {
    override fun createModel(saved: Bundle?) = AboutModel(app)

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.about)
        setTitle(R.string.about_title)
        val version = packageManager.getPackageInfo(packageName, 0).versionName
        setText(R.id.about_version, getString(R.string.about_version, version))
        model.card.draw(::draw)
    }

    private fun draw(card: Card?) {
        findViewById<View>(R.id.about_model).visibility =
            if (card == null) View.GONE else View.VISIBLE
        if (card == null) return
        val size = Format.bytes(this, card.bytes)
        setText(R.id.about_name, getString(R.string.about_name, card.identity, card.backbone, size))
        val splits = listOf("train", "val", "test").mapNotNull(card.data::get)
        val learnt = card.data["train"]
        setText(
            R.id.about_figures,
            listOfNotNull(
                getString(R.string.about_recall, rate(card.recallOnTest)),
                getString(R.string.about_false_alarms, rate(card.falseAlarmsOnTest)),
                learnt?.let {
                    getString(R.string.about_learnt, number(it.memes), number(it.notMemes))
                },
            ).joinToString("\n"),
        )
        setText(
            R.id.about_data,
            getString(
                R.string.about_data,
                number(splits.sumOf { it.memes + it.notMemes }),
                number(splits.sumOf { it.sources }),
                card.licences.entries.joinToString { "${it.key} (${number(it.value)})" },
            ),
        )
        setText(R.id.about_weights, getString(R.string.about_weights, card.weightsSource))
    }

    private fun rate(rate: Rate): String = getString(
        R.string.about_rate,
        rounded(rate.rate),
        rate.interval(resources),
        number(rate.count),
    )

    private fun number(number: Int): String =
        NumberFormat.getInstance(resources.configuration.locales[0]).format(number)
}
