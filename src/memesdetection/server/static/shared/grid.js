// A grid of pictures with their verdicts. A card is filled only while it is in view or near, so that
// thousands cost little.

import { element } from "./dom.js";
import { bytes, percent } from "./format.js";
import { stateOf, TITLES } from "./picture.js";
import { release, show } from "./thumbnails.js";

/**
 * @typedef {import("./picture.js").Picture} Picture
 * @typedef {(picture: Picture) => boolean} Filter
 * @typedef {(one: Picture, other: Picture) => number} Order
 * @typedef {object} Options
 * @property {(picture: Picture) => void} open A card was chosen.
 * @property {(picture: Picture) => Blob | string | undefined} thumbnail
 */

const NEAR = "600px";

/** Cards in a list element. */
export class Grid {
  /** @type {Picture[]} */
  #pictures = [];
  /** @type {Map<Picture, HTMLElement>} */
  #cards = new Map();
  /** @type {Map<Element, Picture>} */
  #pictureOf = new Map();
  /** @type {Set<Picture>} */
  #near = new Set();
  /** @type {Filter} */
  #filter = () => true;

  /**
   * @param {HTMLElement} list An `ol` or `ul` of class `grid`.
   * @param {Options} options
   */
  constructor(list, options) {
    this.list = list;
    this.options = options;
    this.observer = new IntersectionObserver((seen) => this.#seen(seen), { rootMargin: NEAR });
    list.addEventListener("click", (event) => {
      const picture = this.#at(event.target);
      if (picture) {
        options.open(picture);
      }
    });
    list.addEventListener("keydown", (event) => this.#moved(event));
    list.addEventListener("focusin", (event) => this.#focused(event.target));
  }

  /** The pictures that pass the filter, in their order. */
  get shown() {
    return this.#pictures.filter(this.#filter);
  }

  /** @param {Picture[]} pictures */
  add(pictures) {
    const cards = document.createDocumentFragment();
    for (const picture of pictures) {
      const card = element("li", {}, element("button.card", { type: "button", tabindex: "-1" }));
      this.#pictures.push(picture);
      this.#cards.set(picture, card);
      this.#pictureOf.set(card, picture);
      this.#draw(picture);
      cards.append(card);
      this.observer.observe(card);
    }
    this.list.append(cards);
    this.#reachable();
  }

  /** @param {Picture} picture Something about it has changed. */
  update(picture) {
    if (this.#cards.has(picture)) {
      this.#draw(picture);
    }
  }

  /** @param {Picture[]} pictures To be taken off. */
  remove(pictures) {
    const gone = new Set(pictures);
    this.#pictures = this.#pictures.filter((picture) => !gone.has(picture));
    for (const picture of gone) {
      const card = this.#cards.get(picture);
      if (card) {
        this.observer.unobserve(card);
        this.#near.delete(picture);
        this.#empty(card);
        card.remove();
        this.#pictureOf.delete(card);
        this.#cards.delete(picture);
      }
    }
    this.#reachable();
  }

  /** @param {Filter} filter */
  filter(filter) {
    this.#filter = filter;
    for (const [picture, card] of this.#cards) {
      card.hidden = !filter(picture);
    }
    this.#reachable();
  }

  /** @param {Order} order */
  sort(order) {
    this.#pictures.sort(order);
    const cards = this.#pictures.map((picture) => this.#cards.get(picture));
    this.list.append(...cards.filter((card) => card !== undefined));
    this.#reachable();
  }

  /** @param {Picture} picture */
  focus(picture) {
    const button = this.#cards.get(picture)?.querySelector("button");
    button?.focus();
    button?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Picture} picture */
  #draw(picture) {
    const card = this.#cards.get(picture);
    const button = card?.querySelector("button");
    if (!card || !button) {
      return;
    }
    const state = stateOf(picture);
    card.dataset.state = state;
    card.hidden = !this.#filter(picture);
    const { judgement } = picture;
    const said = [picture.name, TITLES[state], judgement && percent(judgement.probability)];
    button.setAttribute("aria-label", said.concat(bytes(picture.bytes)).filter(Boolean).join(", "));
    this.#empty(card);
    if (this.#near.has(picture)) {
      button.append(...this.#content(picture));
    }
  }

  /** @param {Picture} picture */
  #content(picture) {
    const state = stateOf(picture);
    const { judgement } = picture;
    const shown = this.options.thumbnail(picture);
    const frame = element("span.thumbnail");
    if (shown) {
      const image = new Image();
      image.alt = "";
      image.decoding = "async";
      show(image, shown);
      frame.append(image);
    }
    const parts = [frame, element(`span.badge.${state}`, {}, TITLES[state])];
    const facts = element("span.facts", {});
    if (judgement) {
      const bar = element("span.likely", {}, element("i"));
      bar.style.setProperty("--share", String(judgement.probability));
      facts.append(bar, element("b", {}, percent(judgement.probability)));
    }
    facts.append(element("span.size", {}, bytes(picture.bytes)));
    const name = element("span.name", { title: picture.path }, picture.name);
    return picture.error
      ? [...parts, element("span.error", {}, picture.error), name, facts]
      : [...parts, name, facts];
  }

  /** @param {HTMLElement} card */
  #empty(card) {
    card.querySelectorAll("img").forEach(release);
    card.querySelector("button")?.replaceChildren();
  }

  /** @param {IntersectionObserverEntry[]} seen */
  #seen(seen) {
    for (const { target, isIntersecting } of seen) {
      const picture = this.#pictureOf.get(target);
      if (picture && isIntersecting !== this.#near.has(picture)) {
        this.#near[isIntersecting ? "add" : "delete"](picture);
        this.#draw(picture);
      }
    }
  }

  /** @param {EventTarget | null} target */
  #at(target) {
    const card = target instanceof Element ? target.closest("li") : null;
    return card ? this.#pictureOf.get(card) : undefined;
  }

  /** One card is reached by Tab, the others by arrows. */
  #reachable() {
    const buttons = [...this.list.querySelectorAll("li:not([hidden]) > button")];
    if (!buttons.some((button) => button.getAttribute("tabindex") === "0")) {
      buttons[0]?.setAttribute("tabindex", "0");
    }
  }

  /** @param {EventTarget | null} target */
  #focused(target) {
    if (target instanceof HTMLButtonElement) {
      this.list.querySelector("button[tabindex='0']")?.setAttribute("tabindex", "-1");
      target.setAttribute("tabindex", "0");
    }
  }

  /** @param {KeyboardEvent} event */
  #moved(event) {
    const columns = getComputedStyle(this.list).gridTemplateColumns.split(" ").length;
    const steps = new Map([
      ["ArrowLeft", -1],
      ["ArrowRight", 1],
      ["ArrowUp", -columns],
      ["ArrowDown", columns],
      ["Home", -Infinity],
      ["End", Infinity],
    ]);
    const step = steps.get(event.key);
    const picture = this.#at(event.target);
    if (step === undefined || !picture) {
      return;
    }
    event.preventDefault();
    const shown = this.shown;
    const to = shown.indexOf(picture) + step;
    this.focus(shown[Math.min(Math.max(to, 0), shown.length - 1)]);
  }
}
