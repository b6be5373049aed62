package org.memesdetection.ui.review

import org.memesdetection.data.Failed
import org.memesdetection.data.Judged

/** How many pictures, and their bytes in all. */
data class Tally(val count: Int = 0, val bytes: Long = 0) {
    companion object {
        fun of(pictures: Collection<Judged>) =
            Tally(pictures.size, pictures.fold(0L) { sum, one -> sum + one.bytes })
    }
}

/**
 * The judged pictures as a filter shows them.
 *
 * @property tallies of each verdict among the pictures that pass the rest of the filter
 * @property folders of all pictures, sorted
 * @property pictures in order
 */
data class Album(
    val tallies: Map<Shown, Tally> = emptyMap(),
    val folders: List<String> = emptyList(),
    val pictures: List<Judged> = emptyList(),
    val failures: List<Failed> = emptyList(),
) {
    companion object {
        /** [now] is in ms since 1970. */
        fun of(all: List<Judged>, failures: List<Failed>, filter: Filter, now: Long): Album {
            val passing = all.filter { filter.passes(it, now) }
            val tallies = Shown.values().associateWith { shown ->
                when (shown) {
                    Shown.ALL -> Tally.of(passing)

                    Shown.FAILED -> Tally(
                        failures.size,
                        failures.fold(0L) { sum, f ->
                            sum + f.bytes
                        },
                    )

                    else -> Tally.of(passing.filter { it.verdict == shown.verdict })
                }
            }
            val shown = when (filter.shown) {
                Shown.ALL -> passing
                Shown.FAILED -> emptyList()
                else -> passing.filter { it.verdict == filter.shown.verdict }
            }
            val folders = all.mapTo(sortedSetOf()) { it.folder }.toList()
            return Album(tallies, folders, shown.sortedWith(filter.order.by), failures)
        }
    }
}
