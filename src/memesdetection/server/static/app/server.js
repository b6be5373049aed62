// Judges on the server, some pictures at a time.

import { Halt } from "./run.js";

/**
 * @typedef {import("./chosen.js").Chosen} Chosen
 * @typedef {import("./run.js").Found} Found
 */

const MOST_PICTURES = 8;
const MOST_BYTES = 16 * 2 ** 20;
const TRIES = 5;
const NOT_THERE = "The server cannot be reached; check the network, or check on this device.";

/** The server asks for a key, or for another. */
export class KeyNeeded extends Halt {}

/** The server that this page is from. */
export class Server {
  lanes = 2;
  key = "";
  #stop = new AbortController();

  /** @param {number} most Pictures that it takes in a request. */
  constructor(most) {
    this.take = Math.min(MOST_PICTURES, most);
  }

  /**
   * Whether it answers.
   *
   * @returns {Promise<number>} After so many milliseconds.
   * @throws {Halt} It does not.
   */
  async ping() {
    const started = performance.now();
    const answer = await fetch("/v1/ping", { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) {
      throw new Halt(NOT_THERE);
    }
    return performance.now() - started;
  }

  /** Ask no more of what is being asked. */
  stop() {
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  /**
   * @param {Chosen[]} pictures
   * @param {Found} found
   * @throws {Halt} It answers nothing now.
   */
  async judge(pictures, found) {
    const { signal } = this.#stop;
    for (const some of apart(pictures)) {
      const form = new FormData();
      const sent = [];
      for (const picture of some) {
        try {
          // Read first: a file that is gone would else pass for a network that is.
          form.append("file", new Blob([await picture.file.arrayBuffer()]), picture.name);
          sent.push(picture);
        } catch {
          found(picture, "It cannot be read: it may have been moved or changed.");
        }
      }
      if (!sent.length) {
        continue;
      }
      const answer = await this.#ask("/v1/predict", form, signal);
      if (signal.aborted) {
        return;
      }
      const told = await json(answer);
      if (!answer.ok) {
        sent.forEach((picture) => found(picture, told?.detail ?? "The server could not judge it."));
        continue;
      }
      sent.forEach((picture, place) => {
        const one = told?.pictures?.[place] ?? {};
        if (!one.verdict) {
          found(picture, one.error?.detail ?? "The server could not judge it.");
          return;
        }
        const { width, height, verdict, probability, reason, milliseconds } = one;
        Object.assign(picture, { width, height });
        found(picture, { verdict, probability, reason, milliseconds, model: told.model });
      });
    }
  }

  /**
   * A picture with its heat map.
   *
   * @param {Chosen} picture
   * @returns {Promise<Blob | null>}
   */
  async heatMap(picture) {
    const form = new FormData();
    form.append("file", picture.file, picture.name);
    const answer = await this.#ask("/v1/predict?heat_map=1", form, this.#stop.signal);
    const drawn = (await json(answer))?.pictures?.[0]?.heat_map;
    if (!drawn) {
      return null;
    }
    const content = Uint8Array.from(atob(drawn), (char) => char.charCodeAt(0));
    return new Blob([content], { type: "image/png" });
  }

  /**
   * @param {string} path
   * @param {FormData} body
   * @param {AbortSignal} signal
   */
  async #ask(path, body, signal) {
    /** @type {Record<string, string>} */
    const headers = this.key ? { Authorization: `Bearer ${this.key}` } : {};
    for (let tried = 1; ; tried++) {
      let answer;
      try {
        answer = await fetch(path, { method: "POST", body, headers, signal });
      } catch {
        if (signal.aborted) {
          return Response.error();
        }
        throw new Halt(NOT_THERE);
      }
      if (answer.status === 401) {
        throw new KeyNeeded(
          this.key ? "The server does not know this key." : "The server asks for a key.",
        );
      }
      if (![429, 503].includes(answer.status)) {
        return answer;
      }
      if (tried === TRIES) {
        throw new Halt("The server has too much to do; try again later.");
      }
      const seconds = Number(answer.headers.get("Retry-After")) || 1;
      await pause(1000 * Math.min(seconds, 60), signal);
    }
  }
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal Ends it early.
 */
async function pause(milliseconds, signal) {
  await new Promise((done) => {
    setTimeout(done, milliseconds);
    signal.addEventListener("abort", done, { once: true });
  });
}

/** @param {Response} answer */
async function json(answer) {
  return await answer.json().catch(() => null);
}

/**
 * In parts that a request can hold.
 *
 * @param {Chosen[]} pictures
 */
function* apart(pictures) {
  /** @type {Chosen[]} */
  let some = [];
  let size = 0;
  for (const picture of pictures) {
    if (some.length && size + picture.bytes > MOST_BYTES) {
      yield some;
      some = [];
      size = 0;
    }
    some.push(picture);
    size += picture.bytes;
  }
  yield some;
}
