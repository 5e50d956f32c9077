/**
 * Reed-Solomon RS(255, 63) over GF(2^8), polynomial 0x11D, first root 0, systematic, the message first: corrects 96
 * bytes of 255. A code and no cryptography; errors only, no erasures. Decoding is Berlekamp-Massey, a search for the
 * roots (Chien) and Forney's formula, and then all 192 checks once more: what does not pass is refused, never guessed.
 */

const [N, K] = [255, 63];
const CHECKS = N - K;
export const MOST_ERRORS = CHECKS / 2;

const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power++) {
  EXP[power] = EXP[power + 255] = value;
  LOG[value] = power;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}

const times = (a: number, b: number): number => (a && b ? EXP[LOG[a] + LOG[b]] : 0);
const over = (a: number, b: number): number => (a ? EXP[LOG[a] + 255 - LOG[b]] : 0);

/** The product of (x - α^i), i = 0..191, the highest power first. */
const GENERATOR = (() => {
  let product = [1];
  for (let root = 0; root < CHECKS; root++) {
    const next = [...product, 0];
    product.forEach((value, at) => (next[at + 1] ^= times(value, EXP[root])));
    product = next;
  }
  return Uint8Array.from(product);
})();

export function encode(message: Uint8Array): Uint8Array {
  if (message.length !== K) throw new RangeError(`a message has ${K} bytes`);
  const word = new Uint8Array(N);
  word.set(message);
  for (let at = 0; at < K; at++) {
    const lead = word[at];
    if (lead) for (let i = 1; i <= CHECKS; i++) word[at + i] ^= times(GENERATOR[i], lead);
  }
  word.set(message);
  return word;
}

function syndromes(word: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: CHECKS }, (_, root) => word.reduce((sum, byte) => times(sum, EXP[root]) ^ byte, 0));
}

/** A polynomial at a place, the lowest power first. */
const at = (poly: ArrayLike<number>, place: number): number => {
  let sum = 0;
  for (let power = poly.length - 1; power >= 0; power--) sum = times(sum, place) ^ poly[power];
  return sum;
};

/** The shortest register that makes the syndromes (Massey 1969): its polynomial has the places of the errors as roots. */
function locator(syndrome: Uint8Array): { poly: Uint8Array; errors: number } {
  let poly = new Uint8Array(CHECKS + 1);
  let before = new Uint8Array(CHECKS + 1);
  poly[0] = before[0] = 1;
  let [errors, shift, last] = [0, 1, 1];
  for (let n = 0; n < CHECKS; n++) {
    let gap = syndrome[n];
    for (let i = 1; i <= errors; i++) gap ^= times(poly[i], syndrome[n - i]);
    if (!gap) {
      shift++;
      continue;
    }
    const kept = poly.slice();
    const scale = over(gap, last);
    for (let i = shift; i <= CHECKS; i++) poly[i] ^= times(scale, before[i - shift]);
    if (2 * errors <= n) {
      [errors, before, last, shift] = [n + 1 - errors, kept, gap, 1];
    } else {
      shift++;
    }
  }
  return { poly: poly.slice(0, errors + 1), errors };
}

/** The word of the code within 96 bytes of this one; none: null. */
export function decode(received: Uint8Array): Uint8Array | null {
  if (received.length !== N) throw new RangeError(`a word has ${N} bytes`);
  const syndrome = syndromes(received);
  if (syndrome.every((value) => value === 0)) return received.slice();
  const { poly, errors } = locator(syndrome);
  if (errors > MOST_ERRORS || poly[errors] === 0) return null;
  // Ω = S·Λ mod x^192, of which only the powers below the number of errors are not zero.
  const evaluator = Uint8Array.from({ length: errors }, (_, power) => {
    let sum = 0;
    for (let i = 0; i <= power; i++) sum ^= times(poly[i], syndrome[power - i]);
    return sum;
  });
  // The derivative: in this field only odd powers are left, each one lower.
  const slope = poly.slice(1).map((value, power) => (power % 2 ? 0 : value));
  const word = received.slice();
  let found = 0;
  for (let place = 0; place < N; place++) {
    const power = N - 1 - place;
    const inverse = EXP[(255 - power) % 255];
    if (at(poly, inverse) !== 0) continue;
    const divisor = at(slope, inverse);
    if (divisor === 0) return null;
    word[place] ^= times(EXP[power], over(at(evaluator, inverse), divisor));
    found++;
  }
  return found === errors && syndromes(word).every((value) => value === 0) ? word : null;
}
