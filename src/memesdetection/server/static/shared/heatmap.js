// The heat map over a picture, as `heatmap.py` lays it: the redder a place, the more it speaks for
// a meme.

const COLOUR = [255, 32, 0];
const STRONGEST = 0.7;
const SURE_LOGIT = 6;
const SIDE = 448;

/**
 * @param {number[]} logits A square, row by row.
 * @param {HTMLCanvasElement} canvas To be stretched over the picture.
 */
export function drawHeatMap(logits, canvas) {
  const side = Math.sqrt(logits.length);
  const most = Math.max(...logits, SURE_LOGIT);
  const pixels = new ImageData(side, side);
  logits.forEach((logit, place) => {
    const evidence = Math.min(Math.max(logit / most, 0), 1);
    pixels.data.set([...COLOUR, 255 * STRONGEST * evidence], 4 * place);
  });
  const small = document.createElement("canvas");
  small.width = small.height = side;
  small.getContext("2d")?.putImageData(pixels, 0, 0);
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  if (context) {
    context.imageSmoothingQuality = "high";
    context.drawImage(small, 0, 0, SIDE, SIDE);
  }
}
