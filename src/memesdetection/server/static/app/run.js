// A run through pictures, which can be stopped and gone on with.

/**
 * @typedef {import("./chosen.js").Chosen} Chosen
 * @typedef {import("../shared/picture.js").Judgement} Judgement
 * @typedef {(picture: Chosen, found: Judgement | string) => void} Found Takes an error as a sentence.
 * @typedef {object} Judges
 * @property {number} lanes Calls at a time.
 * @property {number} take Pictures a call.
 * @property {(pictures: Chosen[], found: Found) => Promise<void>} judge
 */

/** Nothing can be judged for now; the sentence says why. */
export class Halt extends Error {}

/** The run. */
export class Run {
  done = 0;
  stopped = false;
  #started = performance.now();

  /**
   * @param {Chosen[]} pictures
   * @param {Judges} judges
   * @param {Found} found
   */
  constructor(pictures, judges, found) {
    this.pictures = pictures;
    this.judges = judges;
    this.found = found;
    this.waiting = [...pictures];
  }

  /** Pictures a second. */
  get rate() {
    return this.done / Math.max((performance.now() - this.#started) / 1000, 0.001);
  }

  stop() {
    this.stopped = true;
  }

  /**
   * Judge them all, or until it is stopped.
   *
   * @throws {Halt} Nothing can be judged for now; what was not is still waiting.
   */
  async all() {
    const lanes = Array.from({ length: this.judges.lanes }, () => this.#lane());
    const ended = await Promise.allSettled(lanes);
    const failed = ended.find((lane) => lane.status === "rejected");
    if (failed) {
      throw failed.reason;
    }
  }

  async #lane() {
    while (!this.stopped && this.waiting.length) {
      try {
        await this.judges.judge(this.waiting.splice(0, this.judges.take), (picture, found) => {
          this.done++;
          this.found(picture, found);
        });
      } catch (error) {
        this.stop();
        throw error;
      }
    }
  }
}
