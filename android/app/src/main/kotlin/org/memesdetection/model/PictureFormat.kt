package org.memesdetection.model

/** A format of pictures, told by content. */
enum class PictureFormat {
    JPEG,
    PNG,
    WEBP,
    GIF,
    BMP,
    TIFF,
    HEIF,
    AVIF,
    ;

    companion object {
        private val HEIF_BRANDS =
            setOf("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1")
        private val AVIF_BRANDS = setOf("avif", "avis")
        private const val SNIFFED_BYTES = 32

        /** The format that [content] starts like, or null for anything else. */
        fun of(content: ByteArray): PictureFormat? {
            val length = minOf(content.size, SNIFFED_BYTES)
            val head = String(content, 0, length, Charsets.ISO_8859_1)
            return when {
                head.startsWith("\u00ff\u00d8\u00ff") -> JPEG
                head.startsWith("\u0089PNG\r\n\u001a\n") -> PNG
                head.startsWith("GIF87a") || head.startsWith("GIF89a") -> GIF
                head.startsWith("RIFF") && head.startsWith("WEBP", 8) -> WEBP
                head.startsWith("BM") && head.startsWith("\u0000\u0000\u0000\u0000", 6) -> BMP
                head.startsWith("II*\u0000") || head.startsWith("MM\u0000*") -> TIFF
                head.startsWith("ftyp", 4) -> ofBrands(head)
                else -> null
            }
        }

        private fun ofBrands(head: String): PictureFormat? {
            val brands = (listOf(8) + (16..head.length - 4 step 4))
                .filter { it + 4 <= head.length }
                .map { head.substring(it, it + 4) }
            return when {
                brands.any { it in AVIF_BRANDS } -> AVIF
                brands.any { it in HEIF_BRANDS } -> HEIF
                else -> null
            }
        }
    }
}
