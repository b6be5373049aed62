// What a page knows of a picture.

/** @typedef {"meme" | "unsure" | "not_meme"} Verdict */

/**
 * @typedef {object} Judgement What is thought of a picture.
 * @property {Verdict} verdict
 * @property {number} probability Of being a meme, 0-1.
 * @property {string} reason One sentence that says why the verdict is what it is.
 * @property {string} model Name of the model.
 * @property {number} [milliseconds] Decoding and judging.
 * @property {number[]} [heatMap] A square of logits, row by row: what each place alone would give.
 */

/**
 * @typedef {object} Picture
 * @property {string} path Below the chosen folder; of a single file its name.
 * @property {string} name
 * @property {number} bytes
 * @property {number} [width] Pixels of the upright picture.
 * @property {number} [height] Likewise.
 * @property {Judgement} [judgement]
 * @property {string} [error] One sentence that says why there is no judgement.
 */

/** @typedef {Verdict | "error" | "waiting"} State */

/**
 * @param {Picture} picture
 * @returns {State}
 */
export function stateOf(picture) {
  return picture.judgement?.verdict ?? (picture.error ? "error" : "waiting");
}

/** @type {Record<State, string>} */
export const TITLES = {
  meme: "Meme",
  unsure: "Unsure",
  not_meme: "Not a meme",
  error: "Not judged",
  waiting: "Waiting",
};
