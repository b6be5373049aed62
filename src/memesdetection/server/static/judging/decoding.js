// Decodes a picture to what the model reads: upright, transparency on white, squashed to a square.

import { fromCamera } from "./camera.js";
import { PictureError } from "./errors.js";
import { Squashing } from "./resampling.js";
import { sniff, TYPES } from "./sniffing.js";

const MAX_BYTES = 256 * 2 ** 20;
const MAX_MEGAPIXELS = 100;
const FRAMES_LOOKED_AT = 48;
const ANIMATED = ["PNG", "WEBP", "GIF", "AVIF"];
// What browsers open differs most here.
const RARE = ["TIFF", "HEIF", "AVIF"];
const STRIP_PIXELS = 2 ** 21;
const THUMBNAIL_SIDE = 360;

/** @typedef {ImageBitmap | VideoFrame} Frame */

/**
 * @typedef {object} Opened
 * @property {Frame[]} frames The first, and of an animation the middle and the last; close them.
 * @property {number} width Pixels of the upright picture.
 * @property {number} height Likewise.
 * @property {boolean} camera A camera took it.
 */

/** What reads headers; bundled, so that it is loaded only where the bundle is. */
const headers = import(new URL("../vendor/headers.js", import.meta.url).href);

/**
 * Open a file.
 *
 * @param {Blob} file
 * @returns {Promise<Opened>}
 * @throws {PictureError} Its sentence says why this content cannot be read.
 */
export async function open(file) {
  const content = await read(file);
  const format = sniff(content);
  if (!format) {
    throw new PictureError("The content is not a picture of a known format.");
  }
  const { imageSize, readTags } = await headers;
  let size = { width: 1, height: 1 };
  let camera = false;
  try {
    size = imageSize(content);
  } catch {
    // The browser's own decoder has the last word.
  }
  const megapixels = (size.width * size.height) / 1e6;
  if (megapixels > MAX_MEGAPIXELS) {
    throw new PictureError(
      `The picture has ${megapixels.toFixed(0)} megapixels; up to ${MAX_MEGAPIXELS} are decoded here.`,
    );
  }
  try {
    camera = fromCamera(readTags(content.buffer));
  } catch {
    // Broken EXIF spoils no pixel.
  }
  let frames;
  try {
    frames = await framesOf(content, format);
  } catch {
    throw new PictureError(
      RARE.includes(format)
        ? `This browser cannot open this ${format} picture; check it on the server.`
        : "The picture is truncated or corrupt.",
    );
  }
  const [{ width, height }] = frames.map(sizeOf);
  return { frames, width, height, camera };
}

/**
 * The square that the model reads.
 *
 * @param {Frame} frame
 * @param {number} side Of the square.
 * @returns {Uint8Array<ArrayBuffer>} [side, side, 3], RGB 0-255.
 */
export function squashed(frame, side) {
  const { width, height } = sizeOf(frame);
  const squashing = new Squashing(width, height, side);
  const rows = Math.min(height, Math.max(1, Math.floor(STRIP_PIXELS / width)));
  const canvas = onWhite(width, rows, { willReadFrequently: true });
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    canvas.fillRect(0, 0, width, count);
    canvas.drawImage(frame, 0, -top);
    squashing.take(canvas.getImageData(0, 0, width, count).data, top);
  }
  return squashing.square();
}

/**
 * A small copy to show in a grid.
 *
 * @param {Frame} frame
 * @returns {Promise<Blob>}
 */
export function thumbnail(frame) {
  const { width, height } = sizeOf(frame);
  const scale = Math.min(1, THUMBNAIL_SIDE / Math.max(width, height));
  const small = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = onWhite(small[0], small[1], {});
  canvas.fillRect(0, 0, small[0], small[1]);
  canvas.imageSmoothingQuality = "high";
  canvas.drawImage(frame, 0, 0, small[0], small[1]);
  return canvas.canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
}

/** @param {Blob} file */
async function read(file) {
  if (!file.size) {
    throw new PictureError("The file is empty.");
  }
  if (file.size > MAX_BYTES) {
    throw new PictureError(`The file is too large; up to ${MAX_BYTES / 2 ** 20} MiB are read.`);
  }
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new PictureError("It cannot be read: it may have been moved or changed.");
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} content
 * @param {string} format
 * @returns {Promise<Frame[]>}
 */
async function framesOf(content, format) {
  const type = TYPES[format];
  if (ANIMATED.includes(format) && "ImageDecoder" in self) {
    const frames = await animationOf(content, type);
    if (frames.length) {
      return frames;
    }
  }
  const options = /** @type {const} */ ({
    colorSpaceConversion: "none",
    premultiplyAlpha: "premultiply",
  });
  return [await createImageBitmap(new Blob([content], { type }), options)];
}

/**
 * The frames of an animation that are judged; none of a still picture.
 *
 * @param {Uint8Array<ArrayBuffer>} content
 * @param {string} type
 * @returns {Promise<Frame[]>}
 */
async function animationOf(content, type) {
  const decoder = new ImageDecoder({ data: content, type, colorSpaceConversion: "none" });
  try {
    await decoder.tracks.ready;
    const count = Math.min(decoder.tracks.selectedTrack?.frameCount ?? 1, FRAMES_LOOKED_AT);
    if (count < 2) {
      return [];
    }
    const frames = [];
    for (const frameIndex of new Set([0, Math.floor(count / 2), count - 1])) {
      frames.push((await decoder.decode({ frameIndex })).image);
    }
    return frames;
  } finally {
    decoder.close();
  }
}

/** @param {Frame} frame */
function sizeOf(frame) {
  return "displayWidth" in frame
    ? { width: frame.displayWidth, height: frame.displayHeight }
    : { width: frame.width, height: frame.height };
}

/**
 * @param {number} width
 * @param {number} height
 * @param {CanvasRenderingContext2DSettings} settings
 */
function onWhite(width, height, settings) {
  const context = new OffscreenCanvas(width, height).getContext("2d", settings);
  if (!context) {
    throw new PictureError("This browser has no memory left to open the picture.");
  }
  context.fillStyle = "white";
  return context;
}
