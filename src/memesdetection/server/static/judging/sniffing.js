// Tells a picture's format by its first bytes, as `pictures.py` does.

export const SNIFFED_BYTES = 32;

/** @type {Record<string, string>} */
export const TYPES = {
  JPEG: "image/jpeg",
  PNG: "image/png",
  WEBP: "image/webp",
  GIF: "image/gif",
  BMP: "image/bmp",
  TIFF: "image/tiff",
  HEIF: "image/heic",
  AVIF: "image/avif",
};

const HEIF_BRANDS = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"];

/**
 * @param {Uint8Array} content At least the first 32 bytes of the file, if it has as many.
 * @returns {string | null} One of `TYPES`, or null for anything else.
 */
export function sniff(content) {
  const head = String.fromCharCode(...content.subarray(0, SNIFFED_BYTES));
  if (head.startsWith("\xff\xd8\xff")) {
    return "JPEG";
  }
  if (head.startsWith("\x89PNG\r\n\x1a\n")) {
    return "PNG";
  }
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) {
    return "GIF";
  }
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") {
    return "WEBP";
  }
  if (head.startsWith("BM") && head.slice(6, 10) === "\0\0\0\0") {
    return "BMP";
  }
  if (head.startsWith("II*\0") || head.startsWith("MM\0*")) {
    return "TIFF";
  }
  if (head.slice(4, 8) === "ftyp") {
    const brands = [8, 16, 20, 24, 28].map((at) => head.slice(at, at + 4));
    if (brands.includes("avif") || brands.includes("avis")) {
      return "AVIF";
    }
    if (brands.some((brand) => HEIF_BRANDS.includes(brand))) {
      return "HEIF";
    }
  }
  return null;
}
