// Pictures that look the same, shown as one.

/** @typedef {import("./album.js").Shown} Shown */

/**
 * Of the same pictures the one to keep comes first: most pixels, then most bytes, then the oldest.
 *
 * @param {Shown} one
 * @param {Shown} other
 */
function better(one, other) {
  const pixels = (/** @type {Shown} */ { width, height }) => (width ?? 0) * (height ?? 0);
  return (
    pixels(other) - pixels(one) ||
    other.bytes - one.bytes ||
    one.modified - other.modified ||
    one.id - other.id
  );
}

/** Pictures by stack; each picture whose look is not known is alone. */
export class Stacks {
  /** @type {Map<Shown, Shown[]>} */
  #members = new Map();

  /**
   * @param {Shown[]} pictures
   * @param {boolean} stacked Whether to stack any.
   */
  constructor(pictures, stacked) {
    /** @type {Map<number, Shown[]>} */
    const stacks = new Map();
    for (const picture of pictures) {
      const stack = stacked ? picture.stack : null;
      const members = (stack !== null && stacks.get(stack)) || [];
      members.push(picture);
      if (stack !== null) {
        stacks.set(stack, members);
      }
      this.#members.set(picture, members);
    }
    stacks.forEach((members) => members.sort(better));
  }

  /**
   * All that look like a picture, the one to keep first.
   *
   * @param {Shown} picture
   */
  of(picture) {
    return this.#members.get(picture) ?? [picture];
  }

  /** @param {Shown} picture Whether it is shown for its stack. */
  isTop(picture) {
    return this.#members.get(picture)?.[0] === picture;
  }
}

/**
 * The pictures but for one of each stack.
 *
 * @param {Shown[]} pictures
 */
export function spare(pictures) {
  const stacks = new Stacks(pictures, true);
  return pictures.filter((picture) => !stacks.isTop(picture));
}
