// One picture as large as the window, with its heat map and the reason of its verdict.

import { element } from "./dom.js";
import { bytes, percent } from "./format.js";
import { drawHeatMap } from "./heatmap.js";
import { stateOf, TITLES } from "./picture.js";
import { release, show } from "./thumbnails.js";

/**
 * @typedef {import("./picture.js").Picture} Picture
 * @typedef {object} Options
 * @property {() => Picture[]} shown What can be leafed through.
 * @property {(picture: Picture) => Promise<Blob | string>} source The picture itself.
 * @property {(picture: Picture) => Promise<number[] | Blob | null>} heatMap Logits to lay over it,
 *   or the picture with them, or nothing.
 * @property {(picture: Picture) => void} closed The picture that was shown last.
 * @property {HTMLElement} [actions] What can be done with the picture.
 */

/** @param {string} name Of what is drawn. @param {string} path */
function icon(name, path) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  drawn.append(line);
  const button = element("button.icon", { type: "button", "aria-label": name, title: name });
  button.append(drawn);
  return button;
}

/** A dialog of its own. */
export class FullView {
  /** @type {Picture | undefined} */
  #picture;

  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    this.image = new Image();
    this.image.className = "whole";
    this.overlay = document.createElement("canvas");
    this.overlay.setAttribute("aria-hidden", "true");
    this.drawn = new Image();
    this.drawn.className = "drawn";
    this.drawn.alt = "";
    this.heat = /** @type {HTMLInputElement} */ (
      element("input", { type: "checkbox", role: "switch", checked: "" })
    );
    this.missing = element("p.missing", {}, "This browser cannot show the picture.");
    this.frame = element("div.frame", {}, this.image, this.overlay, this.drawn, this.missing);
    this.facts = element("div.about", { "aria-live": "polite" });
    this.place = element("span.place");
    const back = icon("Previous picture", "M15 5l-7 7 7 7");
    const on = icon("Next picture", "M9 5l7 7-7 7");
    const close = icon("Close", "M6 6l12 12M18 6L6 18");
    this.dialog = /** @type {HTMLDialogElement} */ (
      element(
        "dialog.fullview",
        { "aria-label": "Picture" },
        element("div.bar", {}, back, this.place, on, close),
        element("div.stage", {}, this.frame),
        element(
          "div.side",
          {},
          this.facts,
          element("label.switch", {}, this.heat, element("span", {}, "Show where the meme is")),
          options.actions ?? "",
          element("p.keys", {}, element("kbd", {}, "←"), " ", element("kbd", {}, "→"), " leaf, ",
            element("kbd", {}, "H"), " heat map, ", element("kbd", {}, "Esc"), " close"),
        ),
      )
    );
    document.body.append(this.dialog);
    back.addEventListener("click", () => this.#leaf(-1));
    on.addEventListener("click", () => this.#leaf(1));
    close.addEventListener("click", () => this.dialog.close());
    this.heat.addEventListener("change", () => this.#heated());
    this.image.addEventListener("load", () => this.frame.classList.add("loaded"));
    this.image.addEventListener("error", () => this.frame.classList.add("broken"));
    this.dialog.addEventListener("keydown", (event) => this.#pressed(event));
    this.dialog.addEventListener("close", () => this.#closed());
  }

  /** The picture that is shown. */
  get picture() {
    return this.#picture;
  }

  /** @param {Picture} picture */
  async open(picture) {
    this.#picture = picture;
    this.#about(picture);
    this.frame.className = "frame";
    release(this.image);
    release(this.drawn);
    this.overlay.width = 0;
    if (!this.dialog.open) {
      this.dialog.showModal();
    }
    try {
      const source = await this.options.source(picture);
      if (picture === this.#picture) {
        this.image.alt = picture.name;
        show(this.image, source);
        await this.#heated();
      }
    } catch {
      this.frame.classList.add("broken");
    }
  }

  /** @param {Picture} picture It has been judged meanwhile. */
  async update(picture) {
    if (this.dialog.open && picture === this.#picture) {
      this.#about(picture);
      await this.#heated();
    }
  }

  /** @param {Picture} picture */
  #about(picture) {
    const state = stateOf(picture);
    const { judgement } = picture;
    const shown = this.options.shown();
    const place = shown.indexOf(picture);
    this.place.textContent = place < 0 ? "" : `${place + 1} of ${shown.length}`;
    const facts = [
      bytes(picture.bytes),
      picture.width && `${picture.width} × ${picture.height}`,
      judgement && `model ${judgement.model}`,
      judgement?.milliseconds && `${judgement.milliseconds.toFixed(0)} ms`,
    ];
    this.facts.replaceChildren(
      element("span.verdict", {}, element(`span.badge.${state}`, {}, TITLES[state]),
        judgement ? element("b", {}, percent(judgement.probability)) : ""),
      element("h2", {}, picture.name),
      element("p.reason", {}, judgement?.reason ?? picture.error ?? "Not judged yet."),
      element("p.faint", {}, facts.filter(Boolean).join(" · ")),
      picture.path === picture.name ? "" : element("p.faint.path", {}, picture.path),
    );
  }

  async #heated() {
    const picture = this.#picture;
    const wanted = this.heat.checked && picture?.judgement;
    this.frame.classList.toggle("heated", Boolean(wanted));
    if (!wanted || !picture) {
      return;
    }
    const heat = await this.options.heatMap(picture).catch(() => null);
    if (picture !== this.#picture) {
      return;
    }
    if (heat instanceof Blob) {
      show(this.drawn, heat);
      this.frame.classList.add("redrawn");
    } else if (heat) {
      drawHeatMap(heat, this.overlay);
    }
  }

  /** @param {number} step */
  #leaf(step) {
    const shown = this.options.shown();
    const place = this.#picture ? shown.indexOf(this.#picture) : 0;
    const next = shown[place + step];
    if (next) {
      void this.open(next);
    }
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      this.#leaf(event.key === "ArrowLeft" ? -1 : 1);
    } else if (event.key.toLowerCase() === "h") {
      this.heat.checked = !this.heat.checked;
      void this.#heated();
    }
  }

  #closed() {
    release(this.image);
    release(this.drawn);
    if (this.#picture) {
      this.options.closed(this.#picture);
    }
    this.#picture = undefined;
  }
}
