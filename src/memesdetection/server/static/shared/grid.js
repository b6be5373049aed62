// A grid of pictures with their verdicts. Only the cards in view or near are there, so that ten
// thousand cost what a hundred do.

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
 * @property {(picture: Picture) => Node[]} [more] What else lies on a card.
 */

/** Pixels above and below the window in which cards are there already. */
const NEAR = 600;

/** Cards in a list element. */
export class Grid {
  /** @type {Picture[]} */
  #pictures = [];
  /** @type {Picture[] | undefined} */
  #passing;
  /** @type {Map<Picture, HTMLElement>} */
  #cards = new Map();
  /** @type {Map<Element, Picture>} */
  #pictureOf = new Map();
  /** @type {Filter} */
  #filter = () => true;
  /** @type {Picture | undefined} */
  #reachable;
  #drawing = false;

  /**
   * @param {HTMLElement} list An `ol` or `ul` of class `grid`.
   * @param {Options} options
   */
  constructor(list, options) {
    this.list = list;
    this.options = options;
    list.tabIndex = -1;
    list.addEventListener("click", (event) => {
      const picture = this.#at(event.target);
      if (picture && event.target instanceof Element && event.target.closest(".card")) {
        options.open(picture);
      }
    });
    list.addEventListener("keydown", (event) => this.#moved(event));
    list.addEventListener("focusin", (event) => this.#focused(event.target));
    window.addEventListener("scroll", () => this.#draw(), { passive: true });
    new ResizeObserver(() => this.#drawSoon()).observe(list);
    window.addEventListener("resize", () => this.#drawSoon());
  }

  /** The pictures that pass the filter, in their order. */
  get shown() {
    this.#passing ??= this.#pictures.filter(this.#filter);
    return this.#passing;
  }

  /** The picture whose card has the focus, or had it last. */
  get current() {
    return this.#reachable;
  }

  /** @param {Picture[]} pictures */
  add(pictures) {
    this.#pictures.push(...pictures);
    this.#changed();
  }

  /** @param {Picture} picture Something about it has changed. */
  update(picture) {
    const card = this.#cards.get(picture);
    if (card) {
      this.#fill(card, picture);
    }
    this.#changed();
  }

  /** @param {Picture[]} pictures To be taken off. */
  remove(pictures) {
    const gone = new Set(pictures);
    this.#pictures = this.#pictures.filter((picture) => !gone.has(picture));
    this.#changed();
  }

  /** @param {Filter} filter */
  filter(filter) {
    this.#filter = filter;
    this.#changed();
  }

  /** @param {Order} order */
  sort(order) {
    this.#pictures.sort(order);
    this.#changed();
  }

  /** Draw all cards that are there anew. */
  refresh() {
    for (const [picture, card] of this.#cards) {
      this.#fill(card, picture);
    }
  }

  /** @param {Picture} picture */
  focus(picture) {
    const place = this.shown.indexOf(picture);
    if (place < 0) {
      return;
    }
    this.#reachable = picture;
    this.#draw();
    if (!this.#cards.has(picture)) {
      const { columns, height } = this.#measures();
      const top = this.list.getBoundingClientRect().top + Math.floor(place / columns) * height;
      window.scrollBy({ top: top - innerHeight / 3, behavior: "instant" });
      this.#draw();
    }
    const card = this.#cards.get(picture);
    card?.querySelector("button")?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest" });
  }

  #changed() {
    this.#passing = undefined;
    this.#drawSoon();
  }

  #drawSoon() {
    if (!this.#drawing) {
      this.#drawing = true;
      requestAnimationFrame(() => {
        this.#drawing = false;
        this.#draw();
      });
    }
  }

  #measures() {
    const style = getComputedStyle(this.list);
    return {
      columns: style.gridTemplateColumns.split(" ").length,
      height: parseFloat(style.gridAutoRows) + parseFloat(style.rowGap),
    };
  }

  /** Have the cards that are in view or near, and room for the others. */
  #draw() {
    const { shown } = this;
    if (!this.list.offsetParent && shown.length) {
      return;
    }
    const { columns, height } = this.#measures();
    const rows = Math.ceil(shown.length / columns);
    const above = -this.list.getBoundingClientRect().top;
    const first = Math.min(Math.max(Math.floor((above - NEAR) / height), 0), rows);
    const last = Math.min(Math.max(Math.ceil((above + innerHeight + NEAR) / height), first), rows);
    const near = shown.slice(first * columns, last * columns);
    const held = this.list.contains(document.activeElement);
    this.#keepOnly(new Set(near));
    let next = this.list.firstElementChild;
    near.forEach((picture, index) => {
      const card = this.#cards.get(picture) ?? this.#made(picture);
      card.setAttribute("aria-posinset", String(first * columns + index + 1));
      card.setAttribute("aria-setsize", String(shown.length));
      if (card === next) {
        next = next.nextElementSibling;
      } else {
        this.list.insertBefore(card, next);
      }
    });
    this.list.style.paddingTop = `${first * height}px`;
    this.list.style.paddingBottom = `${(rows - last) * height}px`;
    this.#reach(near);
    if (held && !this.list.contains(document.activeElement)) {
      const card = this.#reachable && this.#cards.get(this.#reachable);
      (card?.querySelector("button") ?? this.list).focus({ preventScroll: true });
    }
  }

  /** @param {Set<Picture>} near */
  #keepOnly(near) {
    for (const [picture, card] of this.#cards) {
      if (!near.has(picture)) {
        card.querySelectorAll("img").forEach(release);
        card.remove();
        this.#cards.delete(picture);
        this.#pictureOf.delete(card);
      }
    }
  }

  /** @param {Picture} picture */
  #made(picture) {
    const card = element("li", {}, element("button.card", { type: "button", tabindex: "-1" }));
    this.#cards.set(picture, card);
    this.#pictureOf.set(card, picture);
    this.#fill(card, picture);
    return card;
  }

  /**
   * @param {HTMLElement} card
   * @param {Picture} picture
   */
  #fill(card, picture) {
    const button = card.querySelector("button");
    if (!button) {
      return;
    }
    const state = stateOf(picture);
    card.dataset.state = state;
    const { judgement } = picture;
    const said = [picture.name, TITLES[state], judgement && percent(judgement.probability)];
    button.setAttribute("aria-label", said.concat(bytes(picture.bytes)).filter(Boolean).join(", "));
    button.replaceChildren(...this.#content(picture, this.#thumbnail(picture, button)));
    while (button.nextSibling) {
      button.nextSibling.remove();
    }
    card.append(...(this.options.more?.(picture) ?? []));
  }

  /**
   * The thumbnail, if there is one; what is shown already is not loaded again.
   *
   * @param {Picture} picture
   * @param {HTMLElement} button
   */
  #thumbnail(picture, button) {
    const shown = this.options.thumbnail(picture);
    const before = button.querySelector("img");
    if (shown && before?.getAttribute("src") === shown) {
      return [before];
    }
    if (before) {
      release(before);
    }
    if (!shown) {
      return [];
    }
    const image = new Image();
    image.alt = "";
    image.decoding = "async";
    show(image, shown);
    return [image];
  }

  /**
   * @param {Picture} picture
   * @param {HTMLImageElement[]} images
   */
  #content(picture, images) {
    const state = stateOf(picture);
    const { judgement } = picture;
    const frame = element("span.thumbnail", {}, ...images);
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

  /** @param {EventTarget | null} target */
  #at(target) {
    const card = target instanceof Element ? target.closest("li") : null;
    return card ? this.#pictureOf.get(card) : undefined;
  }

  /**
   * One card is reached by Tab, the others by arrows.
   *
   * @param {Picture[]} near
   */
  #reach(near) {
    const held = this.#reachable;
    const reached = held && near.includes(held) ? held : near[0];
    for (const [picture, card] of this.#cards) {
      card.querySelector("button")?.setAttribute("tabindex", picture === reached ? "0" : "-1");
    }
  }

  /** @param {EventTarget | null} target */
  #focused(target) {
    const picture = this.#at(target);
    if (picture) {
      this.#reachable = picture;
      this.#reach([picture]);
    }
  }

  /** @param {KeyboardEvent} event */
  #moved(event) {
    const { columns } = this.#measures();
    const steps = new Map([
      ["ArrowLeft", -1],
      ["ArrowRight", 1],
      ["ArrowUp", -columns],
      ["ArrowDown", columns],
      ["Home", -Infinity],
      ["End", Infinity],
    ]);
    const step = steps.get(event.key);
    const { shown } = this;
    if (step === undefined || !shown.length) {
      return;
    }
    event.preventDefault();
    const to = (this.#reachable ? shown.indexOf(this.#reachable) : 0) + step;
    this.focus(shown[Math.min(Math.max(to, 0), shown.length - 1)]);
  }
}
