// The model on LiteRT.js.

import { DeviceError } from "./errors.js";

/**
 * @typedef {object} Card What a judge needs of the model's card.
 * @property {string} name
 * @property {number} size Side of the square input.
 * @property {import("./thresholds.js").Thresholds} thresholds
 */

/**
 * @typedef {object} Outputs
 * @property {number} logit Of being a meme.
 * @property {Float32Array} heatMap The logit that each place alone would give, row by row.
 */

const VENDOR = new URL("../vendor/", import.meta.url).href;
const NO_NETWORK = "The model could not be loaded; check the network and try again.";

/** A model that is loaded. */
export class Model {
  /**
   * @param {typeof import("@litertjs/core")} litert
   * @param {import("@litertjs/core").CompiledModel} compiled
   * @param {Card} card
   */
  constructor(litert, compiled, card) {
    this.litert = litert;
    this.compiled = compiled;
    this.card = card;
  }

  /**
   * Load it, once in a worker.
   *
   * @param {string} address Of the folder of model and card.
   * @throws {DeviceError} Its sentence says why this device cannot run it.
   */
  static async load(address) {
    if (typeof WebAssembly === "undefined") {
      throw new DeviceError(
        "WebAssembly is switched off in this browser, and judging on this device needs it;" +
          " check on the server.",
      );
    }
    const card = await fetched(`${address}card.json`, (answer) => answer.json());
    const content = await fetched(`${address}model.tflite`, (answer) => answer.arrayBuffer());
    try {
      /** @type {typeof import("@litertjs/core")} */
      const litert = await import(`${VENDOR}litert.js`);
      const locateFile = () => `${VENDOR}runtime.wasm`;
      // It tells of its start as of errors.
      Object.assign(self, { Module: { locateFile, printErr: () => {} } });
      const { liteRtWasm } = await litert.loadLiteRt(`${VENDOR}runtime.js`);
      // It takes a batch of unknown size for another than 1, which LiteRT elsewhere does not.
      liteRtWasm.checkTensorBufferCompatible = () => {};
      const options = /** @type {const} */ ({ accelerator: "wasm" });
      const compiled = await litert.loadAndCompile(new Uint8Array(content), options);
      return new Model(litert, compiled, card);
    } catch (error) {
      throw new DeviceError(
        "This browser cannot run the model; check on the server, or use a newer browser.",
        { cause: error },
      );
    }
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} pixels [size, size, 3], RGB 0-255.
   * @returns {Promise<Outputs>}
   */
  async run(pixels) {
    const { size } = this.card;
    const input = new this.litert.Tensor(pixels, [1, size, size, 3]);
    const outputs = await this.compiled.run({ pixels: input });
    try {
      const logit = Number((await outputs.logit.data())[0]);
      return { logit, heatMap: Float32Array.from(await outputs.heat_map.data(), Number) };
    } finally {
      input.delete();
      Object.values(outputs).forEach((output) => output.delete());
    }
  }
}

/**
 * @template T
 * @param {string} address
 * @param {(answer: Response) => Promise<T>} taken
 */
async function fetched(address, taken) {
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw new DeviceError(NO_NETWORK);
  }
  if (!answer.ok) {
    throw new DeviceError(NO_NETWORK);
  }
  return await taken(answer);
}
