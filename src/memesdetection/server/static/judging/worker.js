// A worker that judges; a classic one, as LiteRT.js loads its runtime by importScripts.

/**
 * @typedef {{ id: number, task: "load" | "look" | "judge", file?: File, model: string }} Asked
 * @typedef {{ id: number, answer?: unknown, error?: string, all?: boolean }} Answered
 */

const modules = Promise.all([import("./judge.js"), import("./errors.js")]);

self.addEventListener("message", async (/** @type {MessageEvent<Asked>} */ { data }) => {
  const { id, task, file, model } = data;
  /** @param {Omit<Answered, "id">} answer */
  const answer = (answer) => self.postMessage({ id, ...answer });
  let DeviceError, PictureError;
  try {
    const [judging, errors] = await modules;
    ({ DeviceError, PictureError } = errors);
    if (task === "load") {
      await judging.load(model);
      answer({});
    } else if (file) {
      const work = task === "look" ? judging.look(file) : judging.judge(file, model);
      answer({ answer: await work });
    }
  } catch (error) {
    if (DeviceError && error instanceof DeviceError) {
      answer({ error: error.message, all: true });
    } else if (PictureError && error instanceof PictureError) {
      answer({ error: error.message });
    } else if (DeviceError) {
      console.error(error);
      answer({ error: "It could not be judged; try it on the server." });
    } else {
      answer({ error: "A part of this page could not be loaded; reload it.", all: true });
    }
  }
});
