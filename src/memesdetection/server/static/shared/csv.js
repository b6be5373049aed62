// The list of pictures as a table, with the columns of `memes scan --csv` that a page knows.

/**
 * @typedef {import("./picture.js").Picture} Picture
 */

/** @type {[string, (picture: Picture) => unknown][]} */
const COLUMNS = [
  ["path", (picture) => picture.path],
  ["verdict", (picture) => picture.judgement?.verdict],
  ["probability", (picture) => picture.judgement?.probability],
  ["reason", (picture) => picture.judgement?.reason],
  ["bytes", (picture) => picture.bytes],
  ["width", (picture) => picture.width],
  ["height", (picture) => picture.height],
  ["model", (picture) => picture.judgement?.model],
  ["error", (picture) => picture.error],
];

/**
 * A cell; a spreadsheet must take no file's name for a formula.
 *
 * @param {unknown} value
 */
function cell(value) {
  let text = String(value ?? "");
  if (typeof value === "string" && /^\s*[=+\-@\t\r]/.test(text)) {
    text = `'${text}`;
  }
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @param {Picture[]} pictures
 * @returns {Blob} In UTF-8, marked so that spreadsheets know it.
 */
export function table(pictures) {
  const rows = pictures.map((picture) => COLUMNS.map(([, of]) => cell(of(picture))));
  const lines = [COLUMNS.map(([name]) => name), ...rows].map((row) => row.join(","));
  return new Blob([`\ufeff${lines.join("\r\n")}\r\n`], { type: "text/csv;charset=utf-8" });
}

/**
 * @param {Blob} content
 * @param {string} name
 */
export function download(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
