// Squashes a picture to a square by Pillow's BILINEAR, bit for bit: a triangle filter whose support
// grows with the reduction, in fixed point, along the rows and down the columns.

const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

/**
 * @typedef {object} Weights What each place of a resampled line takes from the line.
 * @property {Int32Array} starts First place that it takes from.
 * @property {Int32Array} counts Places that it takes from.
 * @property {Int32Array} values Fixed point, `width` for each place.
 * @property {number} width
 */

/**
 * @param {number} from Length of the line.
 * @param {number} to Length of the resampled line.
 * @returns {Weights}
 */
function triangle(from, to) {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const width = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(to);
  const counts = new Int32Array(to);
  const values = new Int32Array(to * width);
  for (let place = 0; place < to; place++) {
    const centre = (place + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - support + 0.5), 0);
    const count = Math.min(Math.trunc(centre + support + 0.5), from) - start;
    const line = new Float64Array(count);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      line[i] = Math.max(1 - Math.abs((start + i - centre + 0.5) / support), 0);
      sum += line[i];
    }
    for (let i = 0; i < count; i++) {
      values[place * width + i] = Math.trunc(0.5 + (line[i] / sum) * (1 << PRECISION_BITS));
    }
    starts[place] = start;
    counts[place] = count;
  }
  return { starts, counts, values, width };
}

/**
 * Resample rows along themselves.
 *
 * @param {Uint8Array | Uint8ClampedArray} pixels Whole rows.
 * @param {number} channels Of a pixel; three are taken.
 * @param {number} width Pixels of a row.
 * @param {Weights} weights
 * @returns {Uint8Array<ArrayBuffer>} RGB of the resampled rows.
 */
function along(pixels, channels, width, { starts, counts, values, width: step }) {
  const length = width * channels;
  const out = new Uint8Array((pixels.length / length) * starts.length * 3);
  let at = 0;
  for (let line = 0; line < pixels.length; line += length) {
    for (let x = 0; x < starts.length; x++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let from = line + starts[x] * channels;
      const last = x * step + counts[x];
      for (let i = x * step; i < last; i++, from += channels) {
        const weight = values[i];
        red += pixels[from] * weight;
        green += pixels[from + 1] * weight;
        blue += pixels[from + 2] * weight;
      }
      out[at++] = red >> PRECISION_BITS;
      out[at++] = green >> PRECISION_BITS;
      out[at++] = blue >> PRECISION_BITS;
    }
  }
  return out;
}

/** Adds up the columns of RGB rows as they come. */
class Columns {
  /**
   * @param {number} width Pixels of a row.
   * @param {Weights} weights
   */
  constructor(width, weights) {
    this.weights = weights;
    this.length = width * 3;
    this.sums = new Int32Array(weights.starts.length * this.length).fill(HALF);
    this.first = 0;
  }

  /**
   * @param {Uint8Array | Uint8ClampedArray} pixels
   * @param {number} channels Of a pixel; three are taken.
   * @param {number} from Where in them the row starts.
   * @param {number} row Its number; rows come in their order.
   */
  add(pixels, channels, from, row) {
    const { starts, counts, values, width: step } = this.weights;
    while (starts[this.first] + counts[this.first] <= row) {
      this.first++;
    }
    for (let y = this.first; y < starts.length && starts[y] <= row; y++) {
      const weight = values[y * step + row - starts[y]];
      const end = (y + 1) * this.length;
      for (let at = y * this.length, pixel = from; at < end; at += 3, pixel += channels) {
        this.sums[at] += pixels[pixel] * weight;
        this.sums[at + 1] += pixels[pixel + 1] * weight;
        this.sums[at + 2] += pixels[pixel + 2] * weight;
      }
    }
  }

  /** RGB of the resampled rows. */
  get rows() {
    return Uint8Array.from(this.sums, (sum) => sum >> PRECISION_BITS);
  }
}

/** Takes a picture in strips, as a whole one may be too large for a canvas. */
export class Squashing {
  /**
   * @param {number} width Pixels of the picture.
   * @param {number} height Likewise.
   * @param {number} size Side of the square.
   */
  constructor(width, height, size) {
    this.width = width;
    this.size = size;
    this.across = triangle(width, size);
    // Pillow's choice since 13.0; rounding between the two makes them differ.
    this.downFirst = height > size && height - size > 2 * (width - size);
    this.columns = new Columns(this.downFirst ? width : size, triangle(height, size));
  }

  /**
   * @param {Uint8ClampedArray} pixels RGBA of whole rows, opaque.
   * @param {number} top The first of these rows.
   */
  take(pixels, top) {
    const count = pixels.length / 4 / this.width;
    const channels = this.downFirst ? 4 : 3;
    const rows = this.downFirst ? pixels : along(pixels, 4, this.width, this.across);
    for (let row = 0; row < count; row++) {
      this.columns.add(rows, channels, (row * rows.length) / count, top + row);
    }
  }

  /** @returns {Uint8Array<ArrayBuffer>} [size, size, 3], RGB 0-255. */
  square() {
    const { rows } = this.columns;
    return this.downFirst ? along(rows, 3, this.width, this.across) : rows;
  }
}
