// Whether EXIF names a camera and an exposure: somebody took this photo.

/** @typedef {{ value: unknown } | undefined} Tag */

/** @param {Tag} tag */
function says(tag) {
  const value = tag?.value;
  if (Array.isArray(value)) {
    // Texts come in a list, and fractions as [numerator, denominator].
    return Boolean(value[0]);
  }
  return Boolean(value);
}

/**
 * @param {Record<string, Tag>} tags As ExifReader gives them.
 * @returns {boolean}
 */
export function fromCamera(tags) {
  const named = says(tags.Make) || says(tags.Model);
  return named && (says(tags.ExposureTime) || says(tags.FNumber) || says(tags.ISOSpeedRatings));
}
