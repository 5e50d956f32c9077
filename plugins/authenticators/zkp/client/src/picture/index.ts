/** From a file to 255 bytes of bits, and what makes a picture fit to be enrolled (VP1, section 2.4). */
import { ones, xor } from "../bytes.ts";
import { browserCodec } from "./browser.ts";
import { BITS, signs } from "./dct.ts";
import { PictureError } from "./error.ts";
import { Shrink } from "./shrink.ts";
import { MOST_BYTES, type Sniffed, sniff } from "./sniff.ts";

export { PictureError, type Reason } from "./error.ts";

/** What can decode; a browser's is built in. */
export interface Codec {
  open(bytes: Uint8Array, as: Sniffed): Promise<Opened>;
}

/** A picture that was decoded, turned as its EXIF says. */
export interface Opened {
  readonly width: number;
  readonly height: number;
  /** All its rows, from the top, to whoever shrinks them. */
  rows(to: (rgba: Uint8Array | Uint8ClampedArray) => void): void;
  /** The same picture at half its size as a JPEG of quality 60. */
  recompressed(): Promise<Uint8Array>;
  close(): void;
}

export type PictureBits = { bits: Uint8Array; width: number; height: number };

/** Most bits that may change when the picture is compressed anew: 3 %. */
export const MOST_CHANGED = Math.floor(0.03 * BITS);
/** Least standard deviation of brightness (of 255) that a picture has. */
const LEAST_STRENGTH = 4;
/** Bits of a picture are as often 1 as 0; one where they are not is a drawing of few lines, or plain. */
const LEAST_ONES = 0.35 * BITS;

type Measured = PictureBits & { strength: number };

/** Of what is decoded already. */
export function bitsOfPixels(width: number, height: number, rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  if (rgba.length !== 4 * width * height) throw new RangeError("four bytes a pixel");
  const shrink = new Shrink(width, height);
  shrink.take(rgba);
  return signs(shrink.done()).bits;
}

function measure(opened: Opened): Measured {
  const { width, height } = opened;
  const shrink = new Shrink(width, height);
  opened.rows((rgba) => shrink.take(rgba));
  return { ...signs(shrink.done()), width, height };
}

async function withOpened<T>(bytes: Uint8Array, codec: Codec, use: (opened: Opened) => T | Promise<T>): Promise<T> {
  const sniffed = sniff(bytes);
  const opened = await codec.open(bytes, sniffed);
  try {
    const [a, b] = [Math.min(sniffed.width, sniffed.height), Math.max(sniffed.width, sniffed.height)];
    if (Math.min(opened.width, opened.height) !== a || Math.max(opened.width, opened.height) !== b) {
      throw new PictureError("not-a-picture", "its header says another size than it has");
    }
    return await use(opened);
  } finally {
    opened.close();
  }
}

async function bytesOf(file: Blob | Uint8Array): Promise<Uint8Array> {
  if (file instanceof Uint8Array) return file;
  // Not even read, if it is too large.
  if (file.size > MOST_BYTES) throw new PictureError("too-large", `a picture has at most ${MOST_BYTES} bytes`);
  return new Uint8Array(await file.arrayBuffer());
}

/** To sign in with. */
export async function bitsOf(file: Blob | Uint8Array, codec: Codec = browserCodec): Promise<PictureBits> {
  const { bits, width, height } = await withOpened(await bytesOf(file), codec, measure);
  return { bits, width, height };
}

/** To enrol with: only a picture whose bits stay when it is compressed anew, as it will be on its way through messengers. */
export async function bitsForEnrolment(file: Blob | Uint8Array, codec: Codec = browserCodec): Promise<PictureBits> {
  return withOpened(await bytesOf(file), codec, async (opened) => {
    const { bits, width, height, strength } = measure(opened);
    const set = ones(bits);
    if (strength < LEAST_STRENGTH || Math.min(set, BITS - set) < LEAST_ONES) {
      throw new PictureError("too-plain", `too little to see: strength ${strength.toFixed(1)}, ${set} of ${BITS} bits are set`);
    }
    const again = await withOpened(await opened.recompressed(), codec, measure);
    const changed = ones(xor(bits, again.bits));
    if (changed > MOST_CHANGED) {
      throw new PictureError("changes-too-much", `${changed} of ${BITS} bits change when it is compressed: ${MOST_CHANGED} may`);
    }
    return { bits, width, height };
  });
}
