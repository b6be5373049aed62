// A picture that the user chose.

/**
 * @typedef {object} Own What this page alone knows of it.
 * @property {File} file
 * @property {Blob} [thumbnail]
 * @property {FileSystemFileHandle} [handle] Where the browser hands out folders: the file in it,
 * @property {FileSystemDirectoryHandle} [parent] the folder that it is in,
 * @property {FileSystemDirectoryHandle} [root] and the one that was chosen.
 * @typedef {import("../shared/picture.js").Picture & Own} Chosen
 */

/**
 * @param {File} file
 * @param {string} path
 * @param {Partial<Own>} places
 * @returns {Chosen}
 */
export function chosen(file, path = file.webkitRelativePath || file.name, places = {}) {
  return { file, path, name: file.name, bytes: file.size, ...places };
}

/** @param {Chosen} picture Under which it is known, should it be chosen again. */
export function identity({ path, file }) {
  return `${file.lastModified} ${file.size} ${path}`;
}
