/** The signs of the low frequencies: 2,040 bits of a picture that survive its being compressed anew (VP1, 2.4). */
import { SIDE } from "./shrink.ts";

export const BITS = 2040;
/** Diagonals of the zig-zag that 2,040 coefficients reach into. */
const LOW = 64;

/** cos((2x + 1)uπ / 2N), by the remainder of (2x + 1)u: four times N of them are all that there are. */
const COSINE = Float64Array.from({ length: 4 * SIDE }, (_, k) => Math.cos((Math.PI * k) / (2 * SIDE)));
const scaleOf = (u: number): number => Math.sqrt((u === 0 ? 1 : 2) / SIDE);

/** Orthonormal DCT-II of one line, its first 64 coefficients. */
function transform(line: Float64Array): Float64Array {
  return Float64Array.from({ length: LOW }, (_, u) => {
    let sum = 0;
    for (let x = 0; x < SIDE; x++) sum += line[x] * COSINE[((2 * x + 1) * u) % (4 * SIDE)];
    return sum * scaleOf(u);
  });
}

/** The coefficients of rows and columns 0 to 63, by rows. */
function lowFrequencies(pixels: Float64Array): Float64Array {
  const across = Array.from({ length: SIDE }, (_, y) => transform(pixels.subarray(y * SIDE, (y + 1) * SIDE)));
  const low = new Float64Array(LOW * LOW);
  for (let v = 0; v < LOW; v++) {
    transform(Float64Array.from(across, (row) => row[v])).forEach((value, u) => (low[u * LOW + v] = value));
  }
  return low;
}

/** The zig-zag of JPEG (ITU-T T.81, figure 5) without its first: (row 0, column 1), (1, 0), (2, 0), (1, 1), … */
const ZIGZAG = (() => {
  const places: number[] = [];
  for (let diagonal = 1; places.length < BITS; diagonal++) {
    for (let i = 0; i <= diagonal; i++) {
      const row = diagonal % 2 ? i : diagonal - i;
      places.push(row * LOW + diagonal - row);
    }
  }
  return places.slice(0, BITS);
})();

/** Bits, the first in the lowest of its byte; and how much there is of the picture besides its brightness. */
export function signs(pixels: Float64Array): { bits: Uint8Array; strength: number } {
  const low = lowFrequencies(pixels);
  const bits = new Uint8Array(BITS / 8);
  let energy = 0;
  ZIGZAG.forEach((place, at) => {
    if (low[place] > 0) bits[at >> 3] |= 1 << (at & 7);
    energy += low[place] ** 2;
  });
  return { bits, strength: Math.sqrt(energy) / SIDE };
}
