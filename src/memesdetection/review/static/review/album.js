// What the page asks of `memes review`.

/** @typedef {import("../shared/picture.js").Picture} Picture */

/**
 * @typedef {object} Own What only this page knows of a picture.
 * @property {number} id
 * @property {string} folder Below the one that is reviewed; empty for that itself.
 * @property {number} modified Milliseconds since 1970.
 * @property {number | null} stack Shared by pictures that look the same; null if not known yet.
 * @property {boolean} gone It was moved to the trash.
 *
 * @typedef {Picture & Own} Shown
 *
 * @typedef {object} Changes
 * @property {Shown[]} pictures
 * @property {number} after
 * @property {boolean} more
 * @property {string | null} doing
 * @property {number} done
 * @property {number} total
 * @property {string | null} failed
 *
 * @typedef {object} Outcome
 * @property {string} said
 * @property {string[]} problems
 * @property {boolean} failed It may be asked for once more.
 * @property {boolean} undoable Something is left to undo.
 */

/** The program does not answer. */
export class Ended extends Error {}

/**
 * @param {string} address Relative to the page's.
 * @param {RequestInit} [options]
 */
async function asked(address, options) {
  const answer = await fetch(address, options).catch(() => {
    throw new Ended();
  });
  return await answer.json();
}

/**
 * @param {number} after
 * @returns {Promise<Changes>}
 */
export function changes(after) {
  return asked(`pictures?after=${after}`);
}

/**
 * @param {"trash" | "keep" | "meme" | "undo"} act
 * @param {Shown[]} pictures
 * @returns {Promise<Outcome>}
 */
export function done(act, pictures = []) {
  return asked("acts", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ act, pictures: pictures.map((picture) => picture.id) }),
  });
}

/** @param {Shown} picture */
export function thumbnail(picture) {
  return `pictures/${picture.id}/thumbnail`;
}

/** @param {Shown} picture */
export function full(picture) {
  return `pictures/${picture.id}/full`;
}

/**
 * @param {Shown} picture
 * @returns {Promise<number[] | null>}
 */
export async function heatMap(picture) {
  const logits = await asked(`pictures/${picture.id}/heat`);
  return Array.isArray(logits) ? logits : null;
}
