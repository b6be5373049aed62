// Buttons that choose which verdicts are shown, each with its count and bytes.

import { element } from "./dom.js";
import { bytes } from "./format.js";
import { stateOf } from "./picture.js";

/**
 * @typedef {import("./picture.js").Picture} Picture
 * @typedef {import("./picture.js").State | "all"} Choice
 */

/** @type {[Choice, string][]} */
const CHOICES = [
  ["all", "All"],
  ["meme", "Memes"],
  ["unsure", "Unsure"],
  ["not_meme", "Not memes"],
  ["error", "Not judged"],
];

/** The buttons, in an element. */
export class Filters {
  /** @type {Choice} */
  chosen = "all";
  /** @type {Map<Choice, HTMLElement>} */
  #buttons = new Map();

  /**
   * @param {HTMLElement} place
   * @param {() => void} changed
   */
  constructor(place, changed) {
    for (const [choice, title] of CHOICES) {
      const button = element(
        `button.filter.${choice}`,
        { type: "button", "aria-pressed": String(choice === this.chosen) },
        element("span.title", {}, title),
        element("b", {}, "0"),
        element("small", {}, bytes(0)),
      );
      button.addEventListener("click", () => {
        this.chosen = choice;
        for (const [other, its] of this.#buttons) {
          its.setAttribute("aria-pressed", String(other === choice));
        }
        changed();
      });
      this.#buttons.set(choice, button);
      place.append(button);
    }
  }

  /** @param {Picture} picture */
  passes(picture) {
    return this.chosen === "all" || stateOf(picture) === this.chosen;
  }

  /** @param {Picture[]} pictures */
  count(pictures) {
    for (const [choice, button] of this.#buttons) {
      const some = choice === "all" ? pictures : pictures.filter((p) => stateOf(p) === choice);
      const size = some.reduce((sum, picture) => sum + picture.bytes, 0);
      const [, count, small] = button.children;
      count.textContent = some.length.toLocaleString("en");
      small.textContent = bytes(size);
      button.hidden = choice === "error" && !some.length && this.chosen !== "error";
    }
  }
}
