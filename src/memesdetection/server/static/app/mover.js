// Asks, and then moves memes into a folder that the user chooses.

import { byId } from "../shared/dom.js";
import { bytes, counted } from "../shared/format.js";
import { move, NotMoved } from "./moving.js";
import { folders } from "./picking.js";

/**
 * @typedef {import("./chosen.js").Chosen} Chosen
 * @typedef {object} Options
 * @property {() => Chosen[]} memes
 * @property {(gone: Chosen[]) => void} moved These are no longer where they were.
 */

/** The button, and the dialog behind it. */
export class Mover {
  #button = byId("move", HTMLButtonElement);
  #dialog = byId("move-dialog", HTMLDialogElement);
  #question = byId("move-question", HTMLElement);
  #start = byId("move-start", HTMLButtonElement);
  #cancel = byId("move-cancel", HTMLButtonElement);
  /** @type {FileSystemDirectoryHandle | undefined} */
  #to;
  #moving = false;

  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    this.#button.addEventListener("click", () => this.#ask());
    this.#cancel.addEventListener("click", () => this.#dialog.close());
    this.#start.addEventListener("click", () => void this.#chosen());
    this.#dialog.addEventListener("cancel", (event) => this.#moving && event.preventDefault());
  }

  /** Show the button where there is something to move. */
  draw() {
    const count = this.options.memes().length;
    this.#button.hidden = !folders || !count;
    this.#button.textContent = `Move ${counted(count, "meme")} …`;
  }

  get #movable() {
    return this.options.memes().filter((picture) => picture.parent);
  }

  #ask() {
    // Chromium closes a dialog at the second Esc whatever is prevented.
    if (this.#moving) {
      this.#dialog.showModal();
      return;
    }
    const movable = this.#movable;
    const size = bytes(movable.reduce((sum, picture) => sum + picture.bytes, 0));
    const count = counted(movable.length, "meme");
    this.#to = undefined;
    this.#question.textContent = movable.length
      ? `Move ${count}, ${size}, into a folder that you choose next? Each is copied and compared` +
        " before it is removed from where it is. Nothing is overwritten."
      : "The browser only moves pictures of a folder that was chosen by “Choose a folder”." +
        " Choose it so, and try again.";
    this.#start.textContent = "Choose the folder …";
    this.#start.hidden = !movable.length;
    this.#cancel.textContent = movable.length ? "Cancel" : "Close";
    this.#dialog.showModal();
  }

  async #chosen() {
    const movable = this.#movable;
    try {
      // @ts-expect-error: not every browser has it, so TypeScript does not know it.
      this.#to ??= await window.showDirectoryPicker({ id: "memes", mode: "readwrite" });
    } catch {
      return;
    }
    const roots = new Set(movable.map((picture) => picture.root));
    for (const root of roots) {
      if (root && !(await mayChange(root))) {
        this.#question.textContent =
          `Removing them from “${root.name}” needs your permission; nothing was moved yet.`;
        this.#start.textContent = "Give permission …";
        return;
      }
    }
    if (this.#to) {
      await this.#move(movable, this.#to);
    }
  }

  /**
   * @param {Chosen[]} movable
   * @param {FileSystemDirectoryHandle} to
   */
  async #move(movable, to) {
    this.#moving = true;
    this.#start.hidden = true;
    this.#cancel.disabled = true;
    /** @type {Chosen[]} */
    const gone = [];
    const kept = [];
    for (const picture of movable) {
      this.#question.textContent = `Moving ${gone.length + kept.length + 1} of ${movable.length} …`;
      try {
        await move(picture, to);
        gone.push(picture);
      } catch (error) {
        const reason = error instanceof NotMoved ? error.message : "It could not be moved.";
        kept.push(`${picture.name}: ${reason}`);
      }
    }
    this.#moving = false;
    this.options.moved(gone);
    const moved = `${counted(gone.length, "meme")} moved to “${to.name}”.`;
    const stayed = kept.length ? ` ${counted(kept.length, "other")} stayed: ${kept[0]}` : "";
    this.#question.textContent = moved + stayed;
    this.#cancel.disabled = false;
    this.#cancel.textContent = "Close";
    this.#cancel.focus();
  }
}

/** @param {FileSystemDirectoryHandle} folder */
async function mayChange(folder) {
  try {
    // @ts-expect-error: not every browser has it, so TypeScript does not know it.
    return (await folder.requestPermission({ mode: "readwrite" })) === "granted";
  } catch {
    return false;
  }
}
