package org.memesdetection.ui.verdicts

import java.io.OutputStream
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import java.util.TimeZone
import org.memesdetection.data.Judged

/** Verdicts as a file for spreadsheets, with the columns of `memes scan --csv` and some more. */
internal object Csv {
    private val formula = Regex("""^\s*[=+\-@\t\r]""")
    private val quoted = Regex("""[",\r\n]""")
    private val columns = listOf<Pair<String, (Judged) -> Any?>>(
        "path" to { it.folder + it.name },
        "verdict" to { it.verdict.key },
        "probability" to { it.probability },
        "correction" to { it.mark?.key },
        "bytes" to { it.bytes },
        "judged_at" to { time(it.judgedAt) },
        "model" to { it.model },
        "sha256" to { it.sha256 },
    )

    /** Write UTF-8, marked so that spreadsheets know it. */
    fun write(rows: List<Judged>, to: OutputStream) {
        val writer = to.bufferedWriter()
        writer.write("\ufeff")
        writer.write(line(columns.map { it.first }))
        for (row in rows) writer.write(line(columns.map { (_, value) -> value(row) }))
        writer.flush()
    }

    private fun line(cells: List<Any?>) =
        cells.joinToString(",", postfix = "\r\n", transform = ::cell)

    /** A cell; a spreadsheet must take no file's name for a formula. */
    private fun cell(value: Any?): String {
        var text = value?.toString().orEmpty()
        if (value is String && formula.containsMatchIn(text)) text = "'$text"
        return if (quoted.containsMatchIn(text)) "\"" + text.replace("\"", "\"\"") + "\"" else text
    }

    private fun time(milliseconds: Long): String =
        SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT)
            .apply { timeZone = TimeZone.getTimeZone("UTC") }
            .format(Date(milliseconds))
}
