package org.memesdetection.server

/** Pictures in parts that one request can hold. */
internal object Batches {
    private const val MOST_PICTURES = 8
    private const val MOST_BYTES = 16L * 1024 * 1024

    fun of(pictures: List<Upload>): List<List<Upload>> {
        val batches = mutableListOf<List<Upload>>()
        var batch = mutableListOf<Upload>()
        for (picture in pictures) {
            val full = batch.size == MOST_PICTURES ||
                batch.sumOf { it.bytes } + picture.bytes > MOST_BYTES
            if (full && batch.isNotEmpty()) {
                batches += batch
                batch = mutableListOf()
            }
            batch += picture
        }
        return if (batch.isEmpty()) batches else batches.apply { add(batch) }
    }
}
