package org.memesdetection.model

import java.io.File
import org.json.JSONObject
import org.junit.Assume.assumeTrue

/** The project's Python, to compare with; tests run in the folder `android`. */
object Python {
    private val python = File("../.venv/bin/python")

    /** What Python made of made-up input and of `samples/`; kept current by tests/test_android_model.py. */
    val fixtures: JSONObject by lazy {
        JSONObject(javaClass.getResource("/python.json")!!.readText())
    }

    /** What Python makes of the files in [folder], by name; skips the test where there is none. */
    fun judge(folder: File): Map<String, Finding> = findings(JSONObject(run("judge", folder)))

    /** Lets Python make odd pictures in [folder]. */
    fun makeOdd(folder: File) {
        run("odd", folder)
    }

    fun findings(json: JSONObject): Map<String, Finding> =
        json.keys().asSequence().associateWith { Finding(json.getJSONObject(it)) }

    private fun run(what: String, folder: File): String {
        assumeTrue("There is no $python to compare with; run make test once.", python.exists())
        val process = ProcessBuilder(
            python.path,
            "tools/reference.py",
            what,
            folder.path,
        ).redirectError(ProcessBuilder.Redirect.INHERIT)
        process.environment()["PYTHONPATH"] = "../src"
        val started = process.start()
        val output = started.inputStream.readBytes().toString(Charsets.UTF_8)
        check(started.waitFor() == 0) { "tools/reference.py $what failed" }
        return output
    }

    /** What tools/reference.py says of a picture; without [error] all else is there. */
    class Finding(json: JSONObject) {
        val error: String? = json.optString("error").ifEmpty { null }

        /** By the kernels that Python uses. */
        val probability: Double = json.optDouble("probability")

        /** By the kernels that [NewerTflite] has. */
        val plain: Double = json.optDouble("plain")
        val camera: Boolean = json.optBoolean("camera")
        val width: Int = json.optInt("width")
        val height: Int = json.optInt("height")
        val frames: Int = json.optInt("frames")
    }
}
