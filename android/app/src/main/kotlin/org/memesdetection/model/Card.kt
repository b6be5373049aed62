package org.memesdetection.model

import android.content.res.AssetManager
import java.io.IOException
import org.json.JSONException
import org.json.JSONObject

/** A share of labelled pictures, 0-1, with its 95 % interval [low]-[high]: [called] of [count]. */
data class Rate(
    val count: Int,
    val called: Int,
    val rate: Double,
    val low: Double,
    val high: Double,
)

/**
 * How readily a picture is called a meme.
 *
 * [name] is `careful`, `normal` or `eager`. The rates are those of verdict meme on val: among
 * personal pictures, among all that are no memes, and among memes ([recall]).
 */
data class Strictness(
    val name: String,
    val thresholds: Thresholds,
    val falseAlarmsAmongPersonal: Rate,
    val falseAlarms: Rate,
    val recall: Rate,
)

/** How many labelled pictures a split had. */
data class Split(val memes: Int, val notMemes: Int, val sources: Int)

/** The card of the model: contract, thresholds, figures and data. */
class Card private constructor(json: JSONObject) {
    val name: String = json.getString("name")

    /** Of the model file, hexadecimal. */
    val sha256: String = json.getString("sha256")

    /** Names the model where its verdicts are kept, such as `phone-ee485dd273da`. */
    val identity: String = "$name-${sha256.take(12)}"

    /** Size of the model file. */
    val bytes: Long = json.getLong("bytes")

    /** How its numbers are stored, such as `int8`. */
    val variant: String = json.getString("variant")

    /** Side of the square input in pixels. */
    val size: Int = json.getJSONObject("input").getJSONArray("shape").getInt(1)

    /** Length of an embedding. */
    val channels: Int = output(json, "embedding").getInt(1)

    /** Rows and columns of the heat map. */
    val heatMapSize: Int = output(json, "heat_map").getInt(1)

    val thresholds: Thresholds = thresholds(json.getJSONObject("thresholds"))

    /** From the strictest step to the loosest; `normal` has the card's own [thresholds]. */
    val strictness: List<Strictness> = objects(json, "strictness").map {
        Strictness(
            it.getString("name"),
            thresholds(it.getJSONObject("thresholds")),
            rate(it.getJSONObject("false_alarms_among_personal")),
            rate(it.getJSONObject("false_alarms")),
            rate(it.getJSONObject("recall")),
        )
    }

    /** The network that was trained, such as `efficientnet_lite0`. */
    val backbone: String = json.getJSONObject("run").getJSONObject("config").getString("backbone")

    /** Where the weights came from that the training started with, with their licence. */
    val weightsSource: String = json.getJSONObject("run").getString("weights_source")

    /** The labelled pictures by split: `train`, `val`, `test`. */
    val data: Map<String, Split>

    /** How many of the labelled pictures had which licence, most frequent first. */
    val licences: Map<String, Int>

    /** Verdict meme on test: share of memes found. */
    val recallOnTest: Rate = onTest(json, "recall")

    /** Verdict meme on test: share of other pictures called memes. */
    val falseAlarmsOnTest: Rate = onTest(json, "false_alarm_rate")

    init {
        val splits = json.getJSONObject("data")
        val counts = HashMap<String, Int>()
        data = splits.keys().asSequence().associateWith { name ->
            val split = splits.getJSONObject(name)
            val licences = split.getJSONObject("licences")
            for (licence in licences.keys()) {
                counts[licence] = (counts[licence] ?: 0) + licences.getInt(licence)
            }
            Split(split.getInt("memes"), split.getInt("not_memes"), split.getInt("sources"))
        }
        licences = counts.toList().sortedByDescending { it.second }.toMap()
    }

    companion object {
        const val FILE = "card.json"

        /**
         * The card of the model in the app.
         *
         * @throws ModelError it is not there or broken
         */
        fun read(assets: AssetManager): Card {
            val text = try {
                assets.open(FILE).use { String(it.readBytes(), Charsets.UTF_8) }
            } catch (error: IOException) {
                throw ModelError(ModelError.Kind.MISSING, error)
            }
            return parse(text)
        }

        /** As [read], of the [text] of a `card.json`. */
        fun parse(text: String): Card = try {
            Card(JSONObject(text))
        } catch (error: JSONException) {
            throw ModelError(ModelError.Kind.BROKEN, error)
        }

        private fun output(json: JSONObject, name: String) =
            json.getJSONObject("outputs").getJSONObject(name).getJSONArray("shape")

        private fun thresholds(json: JSONObject) =
            Thresholds(meme = json.getDouble("meme"), unsure = json.getDouble("unsure"))

        private fun rate(json: JSONObject) = Rate(
            json.getInt("count"),
            json.getInt("called"),
            json.getDouble("rate"),
            json.getDouble("low"),
            json.getDouble("high"),
        )

        private fun onTest(json: JSONObject, name: String) = rate(
            json.getJSONObject("metrics").getJSONObject("test").getJSONObject("overall")
                .getJSONObject(name).getJSONObject("at_threshold"),
        )

        private fun objects(json: JSONObject, name: String): List<JSONObject> {
            val list = json.getJSONArray(name)
            return List(list.length()) { list.getJSONObject(it) }
        }
    }
}
