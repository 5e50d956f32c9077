/** Words of the code, spoiled; and another implementation (ZXing, whose QR codes use the same field). */
import { GenericGF, ReedSolomonDecoder, ReedSolomonEncoder } from "@zxing/library";
import { equal, random } from "../../src/bytes.ts";

const FIELD = GenericGF.QR_CODE_FIELD_256;

/** The word with exactly `errors` bytes changed. */
export function spoil(word: Uint8Array, errors: number): Uint8Array {
  const spoiled = word.slice();
  const places = Array.from({ length: word.length }, (_, at) => at);
  for (let at = 0; at < errors; at++) {
    const other = at + Math.floor(Math.random() * (places.length - at));
    [places[at], places[other]] = [places[other], places[at]];
    spoiled[places[at]] ^= 1 + (random(1)[0] % 255);
  }
  return spoiled;
}

export function otherEncode(message: Uint8Array): Uint8Array {
  const word = new Int32Array(255);
  word.set(message);
  new ReedSolomonEncoder(FIELD).encode(word, 192);
  return Uint8Array.from(word);
}

/** null: it gives up, or what it says is no word of the code (it lets some through whose only syndrome is the first). */
export function otherDecode(received: Uint8Array): Uint8Array | null {
  const word = Int32Array.from(received);
  try {
    new ReedSolomonDecoder(FIELD).decode(word, 192);
    const decoded = Uint8Array.from(word);
    return equal(otherEncode(decoded.subarray(0, 63)), decoded) ? decoded : null;
  } catch {
    return null;
  }
}
