// The web app: pictures come in, are judged here or on the server, and are shown.

import { download, table } from "../shared/csv.js";
import { byId } from "../shared/dom.js";
import { Filters } from "../shared/filters.js";
import { bytes, counted, duration } from "../shared/format.js";
import { FullView } from "../shared/fullview.js";
import { Grid } from "../shared/grid.js";
import { stateOf } from "../shared/picture.js";
import { identity } from "./chosen.js";
import { Device } from "./device.js";
import { Mover } from "./mover.js";
import { keep, offerInstall } from "./offline.js";
import { dropped, folders, inFolder, picked } from "./picking.js";
import { Halt, Run } from "./run.js";
import { KeyNeeded, Server } from "./server.js";

/** @typedef {import("./chosen.js").Chosen} Chosen */

const ADDED_AT_A_TIME = 200;
const SHOWN_EVERY_MS = 120;

/** @type {Record<string, (one: Chosen, other: Chosen) => number>} */
const ORDERS = {
  chosen: (one, other) => placeOf(one) - placeOf(other),
  likely: (one, other) =>
    (other.judgement?.probability ?? -1) - (one.judgement?.probability ?? -1),
  large: (one, other) => other.bytes - one.bytes,
};

const drop = byId("drop", HTMLElement);
const said = byId("said", HTMLElement);
const told = byId("told", HTMLElement);
const bar = byId("bar", HTMLProgressElement);
const stopButton = byId("stop", HTMLButtonElement);
const goOn = byId("go-on", HTMLButtonElement);
const again = byId("again", HTMLButtonElement);
const keyForm = byId("key-form", HTMLFormElement);
const order = byId("order", HTMLSelectElement);
const nothing = byId("nothing", HTMLElement);

const device = new Device();
const server = new Server(Number(document.body.dataset.maxFiles) || 1);

/** @type {Map<string, Chosen>} */
const pictures = new Map();
/** @type {Map<Chosen, number>} */
const places = new Map();
/** @type {WeakSet<Chosen>} */
const onServer = new WeakSet();
/** @type {Run | undefined} */
let run;
let drawing = false;

const grid = new Grid(byId("grid", HTMLElement), {
  open: (picture) => void fullView.open(picture),
  thumbnail: (picture) => /** @type {Chosen} */ (picture).thumbnail,
});
const fullView = new FullView({
  shown: () => grid.shown,
  source: async (picture) => /** @type {Chosen} */ (picture).file,
  heatMap: async (picture) => {
    const own = /** @type {Chosen} */ (picture);
    return onServer.has(own) ? await server.heatMap(own) : (own.judgement?.heatMap ?? null);
  },
  closed: (picture) => grid.focus(picture),
});
const filters = new Filters(byId("filters", HTMLElement), () => {
  grid.filter((picture) => filters.passes(picture));
  drawCounts();
});
const mover = new Mover({
  memes: () => all().filter((picture) => stateOf(picture) === "meme"),
  moved: (gone) => forget(gone),
});

function all() {
  return [...pictures.values()];
}

/** @param {Chosen} picture */
function placeOf(picture) {
  return places.get(picture) ?? 0;
}

function mode() {
  const chosen = document.querySelector("input[name=mode]:checked");
  return chosen instanceof HTMLInputElement && chosen.value === "server" ? "server" : "device";
}

/** @param {string} sentence What went wrong, or nothing. */
function tell(sentence) {
  told.textContent = sentence;
  told.hidden = !sentence;
}

/**
 * Take up pictures, and judge them.
 *
 * @param {AsyncIterable<Chosen> | Iterable<Chosen>} coming
 */
async function take(coming) {
  tell("");
  let count = 0;
  /** @type {Chosen[]} */
  let some = [];
  const add = () => {
    some.forEach((picture) => places.set(picture, places.size));
    grid.add(some);
    some = [];
    drawCounts();
  };
  try {
    for await (const picture of coming) {
      count++;
      if (!pictures.has(identity(picture))) {
        pictures.set(identity(picture), picture);
        some.push(picture);
      }
      if (some.length === ADDED_AT_A_TIME) {
        add();
        await new Promise((done) => setTimeout(done));
      }
    }
  } catch {
    tell("A folder could not be read to its end; choose it again.");
  }
  add();
  if (!count) {
    tell("There is no picture in what you chose.");
    return;
  }
  await judge();
}

/** Judge what waits. */
async function judge() {
  if (run) {
    return;
  }
  const waiting = all().filter((picture) => stateOf(picture) === "waiting");
  if (!waiting.length) {
    drawState();
    return;
  }
  const where = mode();
  run = new Run(waiting, where === "server" ? server : device, (picture, found) => {
    if (typeof found === "string") {
      picture.error = found;
    } else {
      picture.judgement = found;
    }
    if (where === "server") {
      onServer.add(picture);
      void look(picture);
    }
    redraw(picture);
  });
  const own = run;
  drawState();
  try {
    await own.all();
  } catch (error) {
    halted(error);
  }
  run = undefined;
  grid.sort(orderOf());
  drawCounts();
  drawState(own);
  // What came meanwhile.
  if (!own.stopped && !own.waiting.length && told.hidden) {
    await judge();
  }
}

/** @param {unknown} error */
function halted(error) {
  if (!(error instanceof Halt)) {
    console.error(error);
  }
  const sentence = error instanceof Halt ? error.message : "This page failed; reload it.";
  keyForm.hidden = !(error instanceof KeyNeeded);
  tell(sentence);
  if (error instanceof KeyNeeded) {
    byId("key", HTMLInputElement).focus();
  }
}

/** @param {Chosen} picture Judged on the server, so not yet seen here. */
async function look(picture) {
  const seen = await device.look(picture).catch(() => null);
  if (seen) {
    picture.thumbnail = seen.thumbnail;
    redraw(picture);
  }
}

/** @param {Chosen} picture */
function redraw(picture) {
  grid.update(picture);
  void fullView.update(picture);
  if (!drawing) {
    drawing = true;
    setTimeout(() => {
      drawing = false;
      drawCounts();
      drawProgress();
    }, SHOWN_EVERY_MS);
  }
}

function drawCounts() {
  filters.count(all());
  mover.draw();
  const some = pictures.size > 0;
  document.body.classList.toggle("filled", some);
  nothing.hidden = !some || grid.shown.length > 0;
}

function drawProgress() {
  if (!run) {
    return;
  }
  const count = run.pictures.length;
  bar.max = count;
  bar.value = run.done;
  const rate = run.rate;
  const left = rate > 0 ? `, ${duration((count - run.done) / rate)} left` : "";
  said.textContent = `${run.done} of ${counted(count, "picture")}, ${rate.toFixed(rate < 10 ? 1 : 0)} a second${left}`;
}

/** @param {Run} [ended] */
function drawState(ended) {
  document.body.classList.toggle("running", Boolean(run));
  stopButton.hidden = bar.hidden = !run;
  const waiting = all().filter((picture) => stateOf(picture) === "waiting").length;
  goOn.hidden = Boolean(run) || !waiting;
  goOn.textContent = `Check the ${waiting.toLocaleString("en")} that wait`;
  const elsewhere = all().some(
    (picture) => picture.judgement && onServer.has(picture) !== (mode() === "server"),
  );
  again.hidden = Boolean(run) || !elsewhere;
  again.textContent = mode() === "server" ? "Check all on the server" : "Check all on this device";
  if (run) {
    drawProgress();
  } else if (ended) {
    const memes = all().filter((picture) => stateOf(picture) === "meme");
    const size = bytes(memes.reduce((sum, picture) => sum + picture.bytes, 0));
    const judged = `${counted(ended.done, "picture")} checked, ${ended.rate.toFixed(ended.rate < 10 ? 1 : 0)} a second`;
    said.textContent = `${judged}. ${counted(memes.length, "meme")} of ${size} in all.`;
  }
}

function orderOf() {
  return /** @type {(one: any, other: any) => number} */ (ORDERS[order.value]);
}

/** @param {Chosen[]} gone No longer where they were. */
function forget(gone) {
  for (const picture of gone) {
    pictures.delete(identity(picture));
    places.delete(picture);
  }
  grid.remove(gone);
  drawCounts();
}

function clear() {
  run?.stop();
  server.stop();
  forget(all());
  tell("");
  said.textContent = "";
  drawState();
}

/** Start anew with all that were judged elsewhere. */
function judgeAgain() {
  for (const picture of all()) {
    picture.judgement = picture.error = undefined;
    onServer.delete(picture);
    grid.update(picture);
  }
  drawCounts();
  void judge();
}

/** Get the device ready before it is needed. */
async function prepare() {
  const ready = byId("ready", HTMLElement);
  if (mode() === "server") {
    ready.textContent = "";
    return;
  }
  ready.textContent = "Loading the model …";
  try {
    await device.load();
    ready.textContent = "Ready";
    document.body.classList.add("ready");
    if (await keep()) {
      ready.textContent = "Ready, also without a network";
    }
  } catch (error) {
    ready.textContent = "";
    if (mode() === "device") {
      halted(error);
    }
  }
}

async function pickFolder() {
  if (!folders) {
    byId("folder-input", HTMLInputElement).click();
    return;
  }
  try {
    const options = { id: "pictures" };
    // @ts-expect-error: not every browser has it, so TypeScript does not know it.
    await take(inFolder(await window.showDirectoryPicker(options)));
  } catch {
    // Nothing was chosen.
  }
}

function listen() {
  for (const [button, input] of [
    ["pick", "file-input"],
    ["shoot", "camera-input"],
  ]) {
    byId(button, HTMLElement).addEventListener("click", () => byId(input, HTMLElement).click());
  }
  byId("pick-folder", HTMLElement).addEventListener("click", () => void pickFolder());
  for (const id of ["file-input", "camera-input", "folder-input"]) {
    const input = byId(id, HTMLInputElement);
    input.addEventListener("change", () => {
      void take(picked(input.files ?? []));
      input.value = "";
    });
  }
  let inside = 0;
  document.addEventListener("dragenter", () => drop.classList.toggle("over", ++inside > 0));
  document.addEventListener("dragleave", () => drop.classList.toggle("over", --inside > 0));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    inside = 0;
    drop.classList.remove("over");
    if (event.dataTransfer) {
      void take(dropped(event.dataTransfer));
    }
  });
  document.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    if (files?.length) {
      event.preventDefault();
      void take(picked(files));
    }
  });
  for (const radio of document.querySelectorAll("input[name=mode]")) {
    radio.addEventListener("change", () => {
      keyForm.hidden = true;
      tell("");
      drawState();
      void prepare();
    });
  }
  keyForm.addEventListener("submit", (event) => {
    event.preventDefault();
    server.key = byId("key", HTMLInputElement).value.trim();
    keyForm.hidden = true;
    tell("");
    void judge();
  });
  stopButton.addEventListener("click", () => {
    run?.stop();
    server.stop();
  });
  goOn.addEventListener("click", () => {
    tell("");
    void judge();
  });
  again.addEventListener("click", judgeAgain);
  order.addEventListener("change", () => grid.sort(orderOf()));
  byId("clear", HTMLElement).addEventListener("click", clear);
  byId("save", HTMLElement).addEventListener("click", () => {
    download(table(all()), "memes.csv");
  });
  const ping = byId("ping", HTMLButtonElement);
  const answered = byId("answered", HTMLElement);
  ping.addEventListener("click", async () => {
    answered.textContent = "…";
    try {
      answered.textContent = `The server answered in ${(await server.ping()).toFixed(0)} ms.`;
    } catch (error) {
      answered.textContent = error instanceof Halt ? error.message : "";
    }
  });
  offerInstall(byId("install", HTMLElement));
}

listen();
drawCounts();
void prepare();
