// Moves a file into another folder so that no picture is ever lost: copy, compare, then remove.

/** @typedef {import("./chosen.js").Chosen} Chosen */

/** This file stays where it is; the sentence says why. */
export class NotMoved extends Error {}

/**
 * @param {Chosen} picture With its handle and folder.
 * @param {FileSystemDirectoryHandle} to
 * @throws {NotMoved}
 */
export function move(picture, to) {
  // Another tab might take the same free name meanwhile, for a file is made without telling of one.
  return navigator.locks.request("move", () => moved(picture, to));
}

/**
 * @param {Chosen} picture
 * @param {FileSystemDirectoryHandle} to
 */
async function moved(picture, to) {
  const { handle, parent } = picture;
  if (!handle || !parent) {
    throw new NotMoved("The browser does not say in which folder it is.");
  }
  if (await parent.isSameEntry(to)) {
    throw new NotMoved("It is in this folder already.");
  }
  const original = await current(picture, handle);
  const digest = await digestOf(original);
  const name = await freeName(to, original.name);
  try {
    const copy = await to.getFileHandle(name, { create: true });
    const target = await copy.createWritable();
    await original.stream().pipeTo(target);
    if ((await digestOf(await copy.getFile())) !== digest) {
      throw new NotMoved("Its copy was not the same.");
    }
    await current(picture, handle);
  } catch (error) {
    await to.removeEntry(name).catch(() => {});
    throw error instanceof NotMoved ? error : new NotMoved("It could not be copied.");
  }
  try {
    await parent.removeEntry(handle.name);
  } catch {
    throw new NotMoved("It was copied but could not be removed, so it is in both folders.");
  }
}

/**
 * The file as it is now, if it is still the one that was judged.
 *
 * @param {Chosen} picture
 * @param {FileSystemFileHandle} handle
 */
async function current({ file }, handle) {
  let now;
  try {
    now = await handle.getFile();
  } catch {
    throw new NotMoved("It is not there any more.");
  }
  if (now.size !== file.size || now.lastModified !== file.lastModified) {
    throw new NotMoved("It was changed since it was judged.");
  }
  return now;
}

/** @param {File} file */
async function digestOf(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return new Uint8Array(digest).join();
}

/**
 * @param {FileSystemDirectoryHandle} folder
 * @param {string} name
 */
async function freeName(folder, name) {
  const dot = name.lastIndexOf(".");
  const [stem, suffix] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let number = 1; ; number++) {
    const tried = number === 1 ? name : `${stem} (${number})${suffix}`;
    if (!(await isThere(folder, tried))) {
      return tried;
    }
  }
}

/**
 * @param {FileSystemDirectoryHandle} folder
 * @param {string} name
 */
async function isThere(folder, name) {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    // A folder of this name is there, too, though not as a file.
    return !(error instanceof DOMException && error.name === "NotFoundError");
  }
}
