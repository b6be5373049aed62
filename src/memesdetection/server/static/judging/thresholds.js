// From a probability to a verdict and its reason, as `classifier.py` does.

import { percent } from "../shared/format.js";

/**
 * @typedef {import("../shared/picture.js").Verdict} Verdict
 * @typedef {{ meme: number, unsure: number }} Thresholds Lowest probability of each verdict.
 */

/** @param {number} logit */
export function sigmoid(logit) {
  return 1 / (1 + Math.exp(-logit));
}

/**
 * @param {Thresholds} thresholds
 * @param {number} probability Of being a meme, 0-1.
 * @param {boolean} camera A camera took it; such a photo is never more than `unsure`.
 * @returns {{ verdict: Verdict, reason: string }}
 */
export function judged(thresholds, probability, camera) {
  const shown = percent(probability);
  const { meme, unsure } = thresholds;
  if (probability < unsure) {
    const reason = `Does not look like a meme (${shown}, under ${percent(unsure)}).`;
    return { verdict: "not_meme", reason };
  }
  if (probability < meme) {
    const reason = `May be a meme (${shown}, under ${percent(meme)}): look at it yourself.`;
    return { verdict: "unsure", reason };
  }
  if (camera) {
    const reason = `Looks like a meme (${shown}), but a camera took it: look at it yourself.`;
    return { verdict: "unsure", reason };
  }
  return { verdict: "meme", reason: `Looks like a meme (${shown}, ${percent(meme)} or more).` };
}
