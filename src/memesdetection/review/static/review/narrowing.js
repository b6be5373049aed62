// Which pictures are shown beside their verdict: by size, date and folder; and in which order.

import { byId, element } from "../shared/dom.js";

/** @typedef {import("./album.js").Shown} Shown */

const DAY_MS = 86_400_000;

const byName = new Intl.Collator("en", { numeric: true });

/** @type {Record<string, (one: Shown, other: Shown) => number>} */
const ORDERS = {
  likely: (one, other) => likely(other) - likely(one) || one.id - other.id,
  large: (one, other) => other.bytes - one.bytes || one.id - other.id,
  new: (one, other) => other.modified - one.modified || one.id - other.id,
  old: (one, other) => one.modified - other.modified || one.id - other.id,
  name: (one, other) => byName.compare(one.path, other.path),
};

/** @param {Shown} picture */
function likely({ judgement }) {
  return judgement?.probability ?? -1;
}

const size = byId("size", HTMLSelectElement);
const date = byId("date", HTMLSelectElement);
const folder = byId("folder", HTMLSelectElement);
const order = byId("order", HTMLSelectElement);
/** @type {Set<string>} */
const folders = new Set();

/** @param {Shown} picture */
export function passes(picture) {
  const days = Number(date.value);
  const age = (Date.now() - picture.modified) / DAY_MS;
  return (
    picture.bytes >= Number(size.value) &&
    (days > 0 ? age >= days : !days || age <= -days) &&
    (folder.value === "*" || picture.folder === folder.value)
  );
}

/** The order that is chosen. */
export function orderOf() {
  return ORDERS[order.value];
}

/** @param {Shown[]} pictures Whose folders can be chosen. */
export function offer(pictures) {
  const before = folders.size;
  pictures.forEach((picture) => folders.add(picture.folder));
  if (folders.size === before) {
    return;
  }
  const chosen = folder.value;
  const names = [...folders].sort(byName.compare);
  folder.replaceChildren(
    element("option", { value: "*" }, "any folder"),
    ...names.map((name) => element("option", { value: name }, name || "the folder itself")),
  );
  folder.value = chosen;
  folder.hidden = folders.size < 2;
}

/** @param {() => void} changed */
export function listen(changed) {
  for (const select of [size, date, folder, order]) {
    select.addEventListener("change", changed);
  }
}
