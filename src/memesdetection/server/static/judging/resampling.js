// Squashes a picture to a square by Pillow's BILINEAR, bit for bit: a triangle filter whose support
// grows with the reduction, in fixed point, first along the rows and then along the columns.

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

/** Takes a picture in strips, as a whole one may be too large for a canvas. */
export class Squashing {
  /**
   * @param {number} width Pixels of the picture.
   * @param {number} height Likewise.
   * @param {number} size Side of the square.
   */
  constructor(width, height, size) {
    this.width = width;
    this.height = height;
    this.size = size;
    this.across = triangle(width, size);
    this.narrow = new Uint8Array(height * size * 3);
  }

  /**
   * @param {Uint8ClampedArray} pixels RGBA of whole rows, opaque.
   * @param {number} top The first of these rows.
   */
  take(pixels, top) {
    const { starts, counts, values, width: step } = this.across;
    const rows = pixels.length / 4 / this.width;
    let out = top * this.size * 3;
    for (let row = 0; row < rows; row++) {
      const line = row * this.width;
      for (let x = 0; x < this.size; x++) {
        let red = HALF;
        let green = HALF;
        let blue = HALF;
        let at = (line + starts[x]) * 4;
        const from = x * step;
        const to = from + counts[x];
        for (let i = from; i < to; i++, at += 4) {
          const weight = values[i];
          red += pixels[at] * weight;
          green += pixels[at + 1] * weight;
          blue += pixels[at + 2] * weight;
        }
        this.narrow[out++] = red >> PRECISION_BITS;
        this.narrow[out++] = green >> PRECISION_BITS;
        this.narrow[out++] = blue >> PRECISION_BITS;
      }
    }
  }

  /** @returns {Uint8Array<ArrayBuffer>} [size, size, 3], RGB 0-255. */
  square() {
    const { starts, counts, values, width: step } = triangle(this.height, this.size);
    const line = this.size * 3;
    const square = new Uint8Array(this.size * line);
    for (let y = 0; y < this.size; y++) {
      for (let x = 0; x < line; x++) {
        let sum = HALF;
        for (let i = 0; i < counts[y]; i++) {
          sum += this.narrow[(starts[y] + i) * line + x] * values[y * step + i];
        }
        square[y * line + x] = sum >> PRECISION_BITS;
      }
    }
    return square;
  }
}
