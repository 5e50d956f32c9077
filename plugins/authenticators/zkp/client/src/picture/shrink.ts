/**
 * Any picture as 256 x 256 values of brightness (VP1, section 2.4), the same everywhere: own arithmetic in float64 and
 * no canvas, whose scaling differs between browsers.
 *
 * The filter is the triangle with its support widened to the scale, separable, across first and then down: what Pillow
 * calls `BILINEAR` with antialiasing. The README says what it was chosen against. Rows come one after another, so that a
 * picture of 40 megapixels never stands in memory as numbers.
 */
export const SIDE = 256;

/** What one pixel of the outcome takes: `weights[i]` of pixel `from + i`. */
type Taken = { from: number; weights: Float64Array };

function taken(size: number): Taken[] {
  const scale = size / SIDE;
  const support = Math.max(1, scale);
  return Array.from({ length: SIDE }, (_, at) => {
    const centre = (at + 0.5) * scale;
    const from = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(size, Math.floor(centre + support + 0.5));
    const weights = Float64Array.from({ length: end - from }, (_, i) =>
      Math.max(0, 1 - Math.abs((from + i + 0.5 - centre) / support)),
    );
    const sum = weights.reduce((a, b) => a + b);
    return { from, weights: weights.map((weight) => weight / sum) };
  });
}

export class Shrink {
  readonly #across: Taken[];
  readonly #down: Taken[];
  readonly #width: number;
  readonly #luma: Float64Array;
  readonly #row = new Float64Array(SIDE);
  readonly #sum = new Float64Array(SIDE * SIDE);
  #y = 0;

  constructor(width: number, height: number) {
    this.#across = taken(width);
    this.#down = taken(height);
    this.#width = width;
    this.#luma = new Float64Array(width);
  }

  /** The next rows, four bytes a pixel. */
  take(rgba: Uint8Array | Uint8ClampedArray): void {
    const stride = 4 * this.#width;
    for (let at = 0; at + stride <= rgba.length; at += stride) this.#next(rgba.subarray(at, at + stride));
  }

  #next(rgba: Uint8Array | Uint8ClampedArray): void {
    this.#brightness(rgba);
    this.#across.forEach(({ from, weights }, at) => {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * this.#luma[from + i];
      this.#row[at] = sum;
    });
    this.#down.forEach(({ from, weights }, y) => {
      const weight = weights[this.#y - from];
      if (weight) for (let x = 0; x < SIDE; x++) this.#sum[y * SIDE + x] += weight * this.#row[x];
    });
    this.#y++;
  }

  /** Rec. 601, and white behind what is transparent. */
  #brightness(rgba: Uint8Array | Uint8ClampedArray): void {
    for (let x = 0; x < this.#width; x++) {
      const at = 4 * x;
      const luma = (299 * rgba[at] + 587 * rgba[at + 1] + 114 * rgba[at + 2]) / 1000;
      const alpha = rgba[at + 3] / 255;
      this.#luma[x] = alpha === 1 ? luma : luma * alpha + 255 * (1 - alpha);
    }
  }

  /** After the last row. */
  done(): Float64Array {
    return this.#sum;
  }
}
