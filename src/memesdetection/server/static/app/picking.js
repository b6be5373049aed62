// Every way in which pictures come to this page: pickers, a camera, a drop, a paste.

import { chosen } from "./chosen.js";

/** @typedef {import("./chosen.js").Chosen} Chosen */

const SUFFIXES =
  /\.(jpe?g|jpe|jfif|a?png|webp|gif|bmp|dib|tiff?|heic|heif|hif|avif)$/i;

/** Whether this browser hands out folders, in which pictures can then be moved. */
export const folders = "showDirectoryPicker" in window;

/**
 * What somebody picked: all of it, but of a folder what may be a picture.
 *
 * @param {Iterable<File>} files
 */
export function picked(files) {
  return [...files]
    .filter((file) => !file.webkitRelativePath || mayBePicture(file, file.webkitRelativePath))
    .map((file) => chosen(file));
}

/**
 * What is in a folder and its folders; what is hidden is passed over.
 *
 * @param {FileSystemDirectoryHandle} folder
 * @param {FileSystemDirectoryHandle} root The one that was chosen.
 * @param {string} path
 * @returns {AsyncGenerator<Chosen>}
 */
export async function* inFolder(folder, root = folder, path = folder.name) {
  for await (const [name, handle] of folder.entries()) {
    const below = `${path}/${name}`;
    if (name.startsWith(".")) {
      continue;
    }
    if (handle instanceof FileSystemDirectoryHandle) {
      yield* inFolder(handle, root, below);
    } else if (handle instanceof FileSystemFileHandle) {
      const file = await handle.getFile().catch(() => null);
      if (file && mayBePicture(file, below)) {
        yield chosen(file, below, { handle, parent: folder, root });
      }
    }
  }
}

/**
 * What was dropped.
 *
 * @param {DataTransfer} transfer Read at once: it is empty once the event is over.
 * @returns {AsyncGenerator<Chosen>}
 */
export async function* dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const taken = items.map((item) => ({
    file: item.getAsFile(),
    entry: item.webkitGetAsEntry?.(),
    handle: "getAsFileSystemHandle" in item ? handleOf(item) : Promise.resolve(null),
  }));
  for (const { file, entry, handle } of taken) {
    const found = await handle.catch(() => null);
    if (found instanceof FileSystemDirectoryHandle) {
      yield* inFolder(found);
    } else if (entry?.isDirectory) {
      yield* inEntry(/** @type {FileSystemDirectoryEntry} */ (entry), entry.name);
    } else if (file) {
      yield chosen(file);
    }
  }
}

/**
 * @param {DataTransferItem} item
 * @returns {Promise<FileSystemHandle | null>}
 */
function handleOf(item) {
  // @ts-expect-error: not every browser has it, so TypeScript does not know it.
  return item.getAsFileSystemHandle();
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @param {string} path
 * @returns {AsyncGenerator<Chosen>}
 */
async function* inEntry(folder, path) {
  const reader = folder.createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const entries = await new Promise((done) => reader.readEntries(done, () => done([])));
    if (!entries.length) {
      return;
    }
    for (const entry of entries) {
      const below = `${path}/${entry.name}`;
      if (entry.name.startsWith(".")) {
        continue;
      }
      if (entry.isDirectory) {
        yield* inEntry(/** @type {FileSystemDirectoryEntry} */ (entry), below);
        continue;
      }
      /** @type {File | null} */
      const file = await new Promise((done) =>
        /** @type {FileSystemFileEntry} */ (entry).file(done, () => done(null)),
      );
      if (file && mayBePicture(file, below)) {
        yield chosen(file, below);
      }
    }
  }
}

/**
 * @param {File} file
 * @param {string} path
 */
function mayBePicture(file, path) {
  const hidden = path.split("/").some((part) => part.startsWith("."));
  return !hidden && (file.type.startsWith("image/") || SUFFIXES.test(file.name));
}
