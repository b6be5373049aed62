// Addresses of what is shown and lies in memory, released when it is no longer shown.

/** @type {WeakMap<HTMLImageElement, string>} */
const held = new WeakMap();

/**
 * Show a content, or what lies at an address.
 *
 * @param {HTMLImageElement} image
 * @param {Blob | string} source
 */
export function show(image, source) {
  release(image);
  if (typeof source === "string") {
    image.src = source;
    return;
  }
  const address = URL.createObjectURL(source);
  held.set(image, address);
  image.src = address;
}

/** @param {HTMLImageElement} image */
export function release(image) {
  const address = held.get(image);
  if (address) {
    URL.revokeObjectURL(address);
    held.delete(image);
  }
  image.removeAttribute("src");
}
