package org.memesdetection.ui.verdicts

import org.memesdetection.R
import org.memesdetection.data.Judged

/**
 * A column of the table.
 *
 * @property title string resource.
 * @property head id of the view above it.
 * @property by orders the rows, from small to large.
 * @property largestFirst whether large values are what one looks for first.
 */
enum class Column(
    val title: Int,
    val head: Int,
    val by: Comparator<Judged>,
    val largestFirst: Boolean = false,
) {
    NAME(
        R.string.verdicts_name,
        R.id.head_name,
        compareBy(String.CASE_INSENSITIVE_ORDER) {
            it.name
        },
    ),
    VERDICT(R.string.verdicts_verdict, R.id.head_verdict, compareBy { it.verdict }),
    PROBABILITY(
        R.string.verdicts_probability,
        R.id.head_probability,
        compareBy { it.probability },
        largestFirst = true,
    ),
    WHEN(R.string.verdicts_when, R.id.head_when, compareBy { it.judgedAt }, largestFirst = true),
    MODEL(R.string.verdicts_model, R.id.head_model, compareBy { it.model }),
    CORRECTION(
        R.string.verdicts_correction,
        R.id.head_correction,
        // What was corrected comes before what was not.
        compareBy(nullsLast()) { it.mark },
    ),
}

/** How the table is ordered. */
data class Order(val column: Column = Column.WHEN, val descending: Boolean = true) {
    /** What a press on the head of [pressed] leads to. */
    fun pressed(pressed: Column): Order = if (pressed ==
        column
    ) {
        copy(descending = !descending)
    } else {
        Order(pressed, pressed.largestFirst)
    }

    val comparator: Comparator<Judged>
        get() = (if (descending) column.by.reversed() else column.by)
            .thenBy(String.CASE_INSENSITIVE_ORDER) { it.name }
}
