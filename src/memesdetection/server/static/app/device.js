// Judges on this device, in workers, so that the page stays quick.

import { Halt } from "./run.js";

/**
 * @typedef {import("./chosen.js").Chosen} Chosen
 * @typedef {import("./run.js").Found} Found
 * @typedef {import("../judging/judge.js").Look} Look
 * @typedef {import("../judging/judge.js").Judged} Judged
 * @typedef {{ task: "load" | "look" | "judge", file?: File, done: (answer: any) => void,
 *   failed: (error: Error) => void }} Task
 */

const WORKER = new URL("../judging/worker.js", import.meta.url);
const MODEL = new URL("../../model/", import.meta.url).href;
const MOST_WORKERS = 3;
const LONGEST_SECONDS = 60;
const NOT_LOADED = "A part of this page could not be loaded; check the network.";

/** One picture cannot be judged here. */
class Refused extends Error {}

/** Workers, each with one task at a time. */
export class Device {
  take = 1;
  lanes = Math.max(1, Math.min(MOST_WORKERS, (navigator.hardwareConcurrency || 2) - 1));
  /** @type {Task[]} */
  #tasks = [];
  /** @type {Worker[]} */
  #idle = [];
  /** @type {WeakSet<Worker>} Those whose script was loaded. */
  #answered = new WeakSet();
  #started = 0;

  /**
   * Load the model.
   *
   * @throws {Halt} Its sentence says why this device cannot judge.
   */
  async load() {
    await this.#ask("load");
  }

  /**
   * @param {Chosen[]} pictures One.
   * @param {Found} found
   * @throws {Halt} This device can judge no picture.
   */
  async judge([picture], found) {
    try {
      const answer = await this.#ask("judge", picture.file);
      const { thumbnail, width, height, ...judgement } = /** @type {Judged} */ (answer);
      Object.assign(picture, { thumbnail, width, height });
      found(picture, judgement);
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      found(picture, error.message);
    }
  }

  /**
   * What can be seen of a picture without judging it.
   *
   * @param {Chosen} picture
   * @returns {Promise<Look>}
   */
  async look(picture) {
    return await this.#ask("look", picture.file);
  }

  /**
   * @param {Task["task"]} task
   * @param {File} [file]
   * @returns {Promise<any>}
   */
  #ask(task, file) {
    return new Promise((done, failed) => {
      this.#tasks.push({ task, file, done, failed });
      this.#next();
    });
  }

  #next() {
    if (!this.#tasks.length) {
      return;
    }
    if (!this.#idle.length && this.#started < this.lanes) {
      this.#started++;
      this.#idle.push(new Worker(WORKER));
    }
    const worker = this.#idle.pop();
    const task = worker && this.#tasks.shift();
    if (!task) {
      return;
    }
    const end = () => {
      clearTimeout(timer);
      worker.terminate();
      this.#started--;
    };
    /** @param {Error} error */
    const lose = (error) => {
      end();
      task.failed(error);
      this.#next();
    };
    /** The other workers do without it. */
    const leave = () => {
      end();
      this.lanes = this.#started;
      this.#tasks.unshift(task);
      this.#next();
    };
    const slow = new Refused("It takes too long to decode or judge.");
    const seconds = task.task === "load" ? 10 * LONGEST_SECONDS : LONGEST_SECONDS;
    const timer = setTimeout(() => lose(slow), 1000 * seconds);
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.#answered.has(worker)) {
        lose(new Refused("This device could not judge it; try it on the server."));
      } else if (this.#started > 1) {
        leave();
      } else {
        lose(new Halt(NOT_LOADED));
      }
    };
    worker.onmessage = ({ data }) => {
      clearTimeout(timer);
      this.#answered.add(worker);
      this.#idle.push(worker);
      if (data.error) {
        // A worker that could not load the model may the next time.
        if (data.all) {
          this.#idle.pop();
          lose(new Halt(data.error));
          return;
        }
        task.failed(new Refused(data.error));
      } else {
        task.done(data.answer);
      }
      this.#next();
    };
    worker.postMessage({ id: 0, task: task.task, file: task.file, model: MODEL });
  }
}
