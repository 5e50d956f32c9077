/**
 * What a file is, before anything decodes it: a JPEG (ITU-T T.81), PNG (ISO/IEC 15948) or WebP (RFC 9649), how large it
 * says it is, and whether it is all there. A picture of 30,000 by 30,000 pixels is refused by its header.
 */
import { PictureError } from "./error.ts";

export type Type = "image/jpeg" | "image/png" | "image/webp";
export type Sniffed = { type: Type; width: number; height: number };

export const MOST_BYTES = 30_000_000;
export const MOST_PIXELS = 40_000_000;
/** Of one side: what every browser's canvas has. */
export const MOST_SIDE = 16_384;

/** Others that people have on their devices, so that they are told which it is. */
const OTHERS: [string, string][] = [
  ["GIF8", "a GIF"],
  ["BM", "a BMP"],
  ["II*\0", "a TIFF"],
  ["MM\0*", "a TIFF"],
  ["%PDF", "a PDF"],
  ["\xff\x0a", "a JPEG XL"],
  ["<?xml", "an SVG or another XML file"],
  ["<svg", "an SVG"],
];

const letters = (bytes: Uint8Array, from: number, count: number): string =>
  String.fromCharCode(...bytes.subarray(from, from + count));

export function sniff(bytes: Uint8Array): Sniffed {
  if (bytes.length > MOST_BYTES) throw new PictureError("too-large", `a picture has at most ${MOST_BYTES} bytes`);
  const found = read(bytes);
  const { width, height } = found;
  if (width === 0 || height === 0) throw new PictureError("not-a-picture", "a picture without pixels");
  if (width * height > MOST_PIXELS || Math.max(width, height) > MOST_SIDE) {
    throw new PictureError("too-many-pixels", `${width} x ${height} pixels: at most ${MOST_PIXELS}, and ${MOST_SIDE} on a side`);
  }
  return found;
}

function read(bytes: Uint8Array): Sniffed {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (letters(bytes, 0, 3) === "\xff\xd8\xff") return jpeg(view);
    if (letters(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return png(bytes, view);
    if (letters(bytes, 0, 4) === "RIFF" && letters(bytes, 8, 4) === "WEBP") return webp(bytes, view);
  } catch (cause) {
    // A view that is read past its end: the file ends before what it announces.
    if (cause instanceof RangeError) throw new PictureError("truncated", "the file ends too early", { cause });
    throw cause;
  }
  const heif = letters(bytes, 4, 4) === "ftyp" ? "a HEIC or AVIF" : undefined;
  const other = OTHERS.find(([begin]) => letters(bytes, 0, begin.length) === begin)?.[1] ?? heif;
  if (other) throw new PictureError("unsupported", `it is ${other}: JPEG, PNG and WebP are taken`);
  throw new PictureError("not-a-picture", "it is no picture: JPEG, PNG and WebP are taken");
}

/** Frame headers SOF0 to SOF15, but the three of that range that mean something else. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function jpeg(view: DataView): Sniffed {
  let size: { width: number; height: number } | undefined;
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) throw new PictureError("not-a-picture", "a JPEG with rubbish between its segments");
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
    } else if (marker === 0xd9) {
      if (!size) throw new PictureError("not-a-picture", "a JPEG without a frame");
      return { type: "image/jpeg", ...size };
    } else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
    } else {
      const length = view.getUint16(at + 2);
      if (length < 2) throw new PictureError("not-a-picture", "a JPEG with an impossible segment");
      if (isFrame(marker)) size ??= { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      at += 2 + length;
      if (marker === 0xda) at = afterScan(view, at);
    }
  }
}

/** Where the coded data of a scan ends: at a marker that is neither an escaped 0xff nor a restart. */
function afterScan(view: DataView, from: number): number {
  for (let at = from; ; at++) {
    if (view.getUint8(at) !== 0xff) continue;
    const next = view.getUint8(at + 1);
    if (next !== 0x00 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
}

function png(bytes: Uint8Array, view: DataView): Sniffed {
  if (letters(bytes, 12, 4) !== "IHDR") throw new PictureError("not-a-picture", "a PNG without a header");
  const size = { width: view.getUint32(16), height: view.getUint32(20) };
  for (let at = 8; ;) {
    const length = view.getUint32(at);
    const name = letters(bytes, at + 4, 4);
    at += 12 + length;
    // Its last byte, the checksum's, must be there.
    view.getUint8(at - 1);
    if (name === "IEND") return { type: "image/png", ...size };
  }
}

function webp(bytes: Uint8Array, view: DataView): Sniffed {
  // The length is of what follows it; the last byte must be there.
  view.getUint8(7 + view.getUint32(4, true));
  const type = "image/webp";
  const three = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  switch (letters(bytes, 12, 4)) {
    case "VP8X":
      return { type, width: 1 + three(24), height: 1 + three(27) };
    case "VP8L": {
      const packed = view.getUint32(21, true);
      return { type, width: 1 + (packed & 0x3fff), height: 1 + ((packed >>> 14) & 0x3fff) };
    }
    case "VP8 ":
      return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    default:
      throw new PictureError("not-a-picture", "a WebP without a picture");
  }
}
