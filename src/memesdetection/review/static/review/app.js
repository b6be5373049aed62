// The review page: pictures come as the scan finds them; the user looks, selects and cleans up.

import { byId, element } from "../shared/dom.js";
import { Filters } from "../shared/filters.js";
import { bytes, counted } from "../shared/format.js";
import { FullView } from "../shared/fullview.js";
import { Grid } from "../shared/grid.js";
import { stateOf } from "../shared/picture.js";
import { changes, done, Ended, full, heatMap, thumbnail } from "./album.js";
import * as narrowing from "./narrowing.js";
import { spare, Stacks } from "./stacks.js";

/** @typedef {import("./album.js").Shown} Shown */
/** @typedef {"trash" | "keep" | "meme" | "undo"} Act */

const SCANNING_MS = 300;
const WATCHING_MS = 3000;

const said = byId("said", HTMLElement);
const bar = byId("bar", HTMLProgressElement);
const told = byId("told", HTMLElement);
const problems = byId("problems", HTMLElement);
const undoButton = byId("undo", HTMLButtonElement);
const stacked = byId("stacked", HTMLInputElement);
const onlyStack = byId("only-stack", HTMLButtonElement);
const help = byId("help", HTMLDialogElement);
const notices = ["ended", "outcome"].map((id) => byId(id, HTMLElement));
const homes = notices.map((notice) => notice.parentElement);
const overPicture = element("div.over");

/** @type {Map<number, Shown>} */
const pictures = new Map();
/** @type {Set<Shown>} */
const selected = new Set();
let stacks = new Stacks([], false);
/** @type {number | null} The only stack that is shown. */
let only = null;
/** @type {Shown | undefined} Where the last selection began. */
let anchor;
let after = 0;
let acting = false;

const grid = new Grid(byId("grid", HTMLElement), {
  open: (picture) => void enlarge(picture),
  thumbnail: (picture) => (picture.error ? undefined : thumbnail(own(picture))),
  more: (picture) => onCard(own(picture)),
});
const fullView = new FullView({
  shown: () => grid.shown,
  source: async (picture) => full(own(picture)),
  heatMap: (picture) => heatMap(own(picture)),
  closed: (picture) => {
    notices.forEach((notice, place) => homes[place]?.prepend(notice));
    grid.focus(picture);
  },
  actions: byId("full-actions", HTMLElement),
});
fullView.dialog.append(overPicture);
const filters = new Filters(byId("filters", HTMLElement), arrange);

/** @param {import("../shared/picture.js").Picture} picture */
function own(picture) {
  return /** @type {Shown} */ (picture);
}

/** @param {import("../shared/picture.js").Picture} picture */
async function enlarge(picture) {
  if (!fullView.dialog.open) {
    // Outside of an open dialog nothing can be seen, used or read out.
    overPicture.append(...notices);
  }
  await fullView.open(picture);
}

/** Pictures that are there. */
function all() {
  return [...pictures.values()].filter((picture) => !picture.gone);
}

/** @param {Shown} picture Whether it may be shown, were it not in a stack. */
function passes(picture) {
  return (
    !picture.gone &&
    filters.passes(picture) &&
    narrowing.passes(picture) &&
    (only === null || picture.stack === only)
  );
}

/** Show what passes, in its order. */
function arrange() {
  stacks = new Stacks(all().filter(passes), stacked.checked && only === null);
  grid.sort(/** @type {any} */ (narrowing.orderOf()));
  grid.filter((picture) => passes(own(picture)) && stacks.isTop(own(picture)));
  grid.refresh();
  filters.count(all());
  onlyStack.hidden = only === null;
  byId("nothing", HTMLElement).hidden = grid.shown.length > 0;
  drawSelection();
}

/** @param {Shown} picture What lies on its card beside the picture. */
function onCard(picture) {
  const box = /** @type {HTMLInputElement} */ (
    element("input", { type: "checkbox", tabindex: "-1", "aria-label": `Select ${picture.name}` })
  );
  box.checked = selected.has(picture);
  box.addEventListener("click", (event) => {
    grid.focus(picture);
    select(picture, event.shiftKey);
  });
  const members = stacks.of(picture);
  const date = new Date(picture.modified);
  const parts = [
    element("label.select", {}, box),
    element("time.date", { datetime: date.toISOString() }, date.toLocaleDateString("en-CA")),
  ];
  if (members.length > 1) {
    const same = element(
      "button.same",
      { type: "button", tabindex: "-1", "aria-label": `Same picture ${members.length} times` },
      `${members.length} ×`,
    );
    same.title = `Same picture ${members.length} times: show all`;
    same.addEventListener("click", () => unstack(picture));
    parts.push(same);
  }
  return parts;
}

/** @param {Shown} picture */
function unstack(picture) {
  only = only === null && stacks.of(picture).length > 1 ? picture.stack : null;
  arrange();
  grid.focus(picture);
}

/**
 * Select a card, with all that it stands for, or no longer.
 *
 * @param {Shown} picture
 * @param {boolean} through Also all from the last one to this.
 */
function select(picture, through = false) {
  const wanted = !selected.has(picture);
  const { shown } = grid;
  const [from, to] = [shown.indexOf(anchor ?? picture), shown.indexOf(picture)];
  const some =
    through && from >= 0 ? shown.slice(Math.min(from, to), Math.max(from, to) + 1) : [picture];
  for (const one of some.flatMap((each) => stacks.of(own(each)))) {
    selected[wanted ? "add" : "delete"](one);
  }
  anchor = picture;
  some.forEach((one) => grid.update(one));
  drawSelection();
}

/** @param {Shown[]} wanted */
function selectOnly(wanted) {
  selected.clear();
  wanted.forEach((picture) => selected.add(picture));
  grid.refresh();
  drawSelection();
}

function everything() {
  return grid.shown.flatMap((picture) => stacks.of(own(picture)));
}

function drawSelection() {
  for (const picture of selected) {
    if (picture.gone) {
      selected.delete(picture);
    }
  }
  const size = [...selected].reduce((sum, picture) => sum + picture.bytes, 0);
  byId("selection", HTMLElement).hidden = !selected.size;
  byId("total", HTMLElement).textContent =
    `${counted(selected.size, "picture")} selected, ${bytes(size)}`;
  const rest = spare([...selected]);
  byId("keep-one", HTMLElement).hidden = !rest.length;
  document.body.classList.toggle("selecting", selected.size > 0);
}

/** What an act is for: the picture in the full view, the selection, or the card with the focus. */
function meant() {
  if (fullView.picture) {
    return [own(fullView.picture)];
  }
  if (selected.size) {
    return [...selected];
  }
  const { current } = grid;
  const focused = current && grid.list.contains(document.activeElement);
  return focused && grid.shown.includes(current) ? stacks.of(own(current)) : [];
}

/** @param {Act} act */
async function perform(act) {
  const some = act === "undo" ? [] : meant();
  if (acting || (act !== "undo" && !some.length)) {
    return;
  }
  acting = true;
  document.body.classList.add("acting");
  const viewed = fullView.picture;
  const place = grid.shown.indexOf(viewed ?? grid.current ?? grid.shown[0]);
  const focused = grid.list.contains(document.activeElement);
  try {
    const outcome = await done(act, some);
    if (!outcome.failed) {
      some.forEach((picture) => selected.delete(picture));
    }
    await follow();
    grid.refresh();
    drawSelection();
    tell(outcome.said, outcome.problems, outcome.undoable);
    const now = grid.shown[Math.min(Math.max(place, 0), grid.shown.length - 1)];
    if (viewed && !grid.shown.includes(viewed)) {
      if (now) {
        await enlarge(now);
      } else {
        fullView.dialog.close();
      }
    } else if (focused && now) {
      grid.focus(grid.current && grid.shown.includes(grid.current) ? grid.current : now);
    }
  } catch (error) {
    failed(error);
  }
  acting = false;
  document.body.classList.remove("acting");
}

/**
 * @param {string} sentence
 * @param {string[]} more
 * @param {boolean} undoable
 */
function tell(sentence, more = [], undoable = false) {
  told.textContent = sentence;
  problems.replaceChildren(...more.map((one) => element("li", {}, one)));
  undoButton.hidden = !undoable;
  byId("outcome", HTMLElement).hidden = !sentence;
}

/** Take up all that came or changed. */
async function follow() {
  let changed = false;
  let first = !pictures.size;
  for (;;) {
    const page = await changes(after);
    /** @type {Shown[]} */
    const added = [];
    for (const one of page.pictures) {
      const known = pictures.get(one.id);
      if (known) {
        delete known.error;
        Object.assign(known, one);
        void fullView.update(known);
      } else {
        pictures.set(one.id, one);
        added.push(one);
      }
    }
    changed ||= page.pictures.length > 0;
    after = Math.max(after, page.after);
    grid.add(added);
    narrowing.offer(added);
    // The first are shown before the rest is there.
    if (changed && (first || !page.more)) {
      arrange();
      first = false;
    }
    if (!page.more) {
      drawProgress(page);
      return page;
    }
  }
}

/** @param {import("./album.js").Changes} page */
function drawProgress(page) {
  const scanning = page.doing !== null;
  bar.hidden = !scanning;
  document.body.classList.toggle("scanning", scanning);
  if (scanning) {
    bar.max = page.total || 1;
    bar.value = page.done;
    said.textContent = `${page.doing}: ${page.done.toLocaleString("en")} of ${page.total.toLocaleString("en")}`;
    return;
  }
  const memes = all().filter((picture) => stateOf(picture) === "meme");
  const size = bytes(memes.reduce((sum, picture) => sum + picture.bytes, 0));
  said.textContent =
    page.failed ??
    `${counted(memes.length, "meme")} (${size}) among ${counted(all().length, "picture")}.`;
}

/** @param {unknown} error */
function failed(error) {
  if (!(error instanceof Ended)) {
    console.error(error);
    tell("This page failed; reload it.");
    return;
  }
  byId("ended", HTMLElement).hidden = false;
}

/** Follow the scan, and then what else changes. */
async function watch() {
  for (;;) {
    let pause = WATCHING_MS;
    try {
      const page = await follow();
      byId("ended", HTMLElement).hidden = true;
      pause = page.doing === null ? WATCHING_MS : SCANNING_MS;
    } catch (error) {
      failed(error);
    }
    await new Promise((go) => setTimeout(go, pause));
  }
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const { target } = event;
  const typing = target instanceof HTMLSelectElement;
  if (event.ctrlKey || event.metaKey || event.altKey || typing || help.open) {
    return;
  }
  /** @type {Record<string, () => void>} */
  const keys = {
    k: () => void perform("keep"),
    m: () => void perform("meme"),
    t: () => void perform("trash"),
    Delete: () => void perform("trash"),
    z: () => void perform("undo"),
    "?": () => help.showModal(),
  };
  if (!fullView.dialog.open) {
    keys.a = () => selectOnly(everything());
    keys.Escape = () => (only === null ? selectOnly([]) : unstack(own(grid.shown[0])));
    if (grid.list.contains(document.activeElement) && grid.current) {
      const current = own(grid.current);
      keys[" "] = () => select(current, event.shiftKey);
      keys.s = () => unstack(current);
    } else if (event.key.startsWith("Arrow") && grid.shown.length) {
      keys[event.key] = () => grid.focus(grid.current ?? grid.shown[0]);
      if (target !== document.body) {
        return;
      }
    }
  }
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act) {
    event.preventDefault();
    // A key that is held down would take one picture after another.
    if (!event.repeat || event.key.startsWith("Arrow")) {
      act();
    }
  }
}

function listen() {
  narrowing.listen(arrange);
  stacked.addEventListener("change", arrange);
  onlyStack.addEventListener("click", () => unstack(own(grid.shown[0])));
  document.addEventListener("keydown", pressed);
  // Space is for selecting; a button would also be pressed by it.
  grid.list.addEventListener("keyup", (event) => {
    if (event.key === " ") {
      event.preventDefault();
    }
  });
  for (const button of document.querySelectorAll("[data-act]")) {
    const act = /** @type {Act} */ (button.getAttribute("data-act"));
    button.addEventListener("click", () => void perform(act));
  }
  byId("all", HTMLElement).addEventListener("click", () => selectOnly(everything()));
  byId("none", HTMLElement).addEventListener("click", () => selectOnly([]));
  byId("keep-one", HTMLElement).addEventListener("click", () => selectOnly(spare([...selected])));
  byId("dismiss", HTMLElement).addEventListener("click", () => tell(""));
  byId("show-help", HTMLElement).addEventListener("click", () => help.showModal());
  byId("close-help", HTMLElement).addEventListener("click", () => help.close());
}

listen();
void watch();
