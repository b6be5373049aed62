// Judges a picture on this device.

import { open, squashed, thumbnail } from "./decoding.js";
import { Model } from "./model.js";
import { judged, sigmoid } from "./thresholds.js";

/**
 * @typedef {object} Look What is seen of a picture without judging it.
 * @property {number} width Pixels of the upright picture.
 * @property {number} height Likewise.
 * @property {Blob} thumbnail
 */

/**
 * @typedef {Look & import("../shared/picture.js").Judgement} Judged
 */

/** @type {Promise<Model> | undefined} */
let loading;

/** @param {string} address Of the folder of model and card. */
export function load(address) {
  loading ??= Model.load(address);
  return loading;
}

/**
 * @param {Blob} file
 * @returns {Promise<Look>}
 */
export async function look(file) {
  const { frames, width, height } = await open(file);
  try {
    return { width, height, thumbnail: await thumbnail(frames[0]) };
  } finally {
    frames.forEach((frame) => frame.close());
  }
}

/**
 * @param {Blob} file
 * @param {string} address Of the folder of model and card.
 * @returns {Promise<Judged>}
 */
export async function judge(file, address) {
  const model = await load(address);
  const started = performance.now();
  const { frames, width, height, camera } = await open(file);
  try {
    /** @type {import("./model.js").Outputs[]} */
    const outputs = [];
    for (const frame of frames) {
      outputs.push(await model.run(squashed(frame, model.card.size)));
    }
    const logit = mean(outputs.map((one) => one.logit));
    const heatMap = [...outputs[0].heatMap.keys()].map((at) =>
      mean(outputs.map((one) => one.heatMap[at])),
    );
    const probability = sigmoid(logit);
    const milliseconds = performance.now() - started;
    return {
      ...judged(model.card.thresholds, probability, camera),
      probability,
      heatMap,
      width,
      height,
      milliseconds,
      model: model.card.name,
      thumbnail: await thumbnail(frames[0]),
    };
  } finally {
    frames.forEach((frame) => frame.close());
  }
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
