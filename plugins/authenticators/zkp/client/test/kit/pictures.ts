/** The pictures, and decoding in Node: JPEG and PNG by npm's decoders, so that not only a browser's is tried. */
import { readFileSync, readdirSync } from "node:fs";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { equal, random, xor } from "../../src/bytes.ts";
import * as rs from "../../src/rs.ts";
import type { Codec, Opened } from "../../src/picture/index.ts";
import type { Sniffed } from "../../src/picture/sniff.ts";
import { bytes } from "./values.ts";

const FOLDER = "test/pictures";
const BITS: Record<string, string> = JSON.parse(readFileSync(`${FOLDER}/bits.json`, "utf8"));

export type Picture = { file: () => Uint8Array; bits: Uint8Array };
export const PICTURES: Record<string, Picture> = Object.fromEntries(
  Object.entries(BITS).map(([name, hex]) => [
    name,
    { file: () => new Uint8Array(readFileSync(`${FOLDER}/${name}`)), bits: bytes(hex) },
  ]),
);

/** The same pictures at half their size and quality 60, by Pillow. */
export const AGAIN = Object.fromEntries(
  readdirSync(`${FOLDER}/again`).map((name) => [
    name.replace(/\..+/, ""),
    new Uint8Array(readFileSync(`${FOLDER}/again/${name}`)),
  ]),
);

/** Whether somebody who enrolled with these bits signs in with those: what decides is the code. */
export function accepted(enrolled: Uint8Array, now: Uint8Array): boolean {
  const word = rs.encode(random(63));
  const decoded = rs.decode(xor(xor(enrolled, word), now));
  return decoded !== null && equal(decoded, word);
}

type Raster = { width: number; height: number; data: Uint8Array };

/** Half its size: each pixel of four. */
function half({ width, height, data }: Raster): Raster {
  const [w, h] = [width >> 1, height >> 1];
  const small = new Uint8Array(4 * w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < 4 * w; x++) {
      const at = 8 * y * width + 8 * (x >> 2) + (x & 3);
      small[4 * y * w + x] = (data[at] + data[at + 4] + data[at + 4 * width] + data[at + 4 * width + 4] + 2) >> 2;
    }
  }
  return { width: w, height: h, data: small };
}

export function toJpeg(raster: Raster, quality: number): Uint8Array {
  return new Uint8Array(jpeg.encode({ ...raster, data: Buffer.from(raster.data) }, quality).data);
}

export function decode(file: Uint8Array, type: Sniffed["type"]): Raster {
  if (type === "image/webp") throw new Error("Node has no decoder of WebP here");
  if (type === "image/png") {
    const { width, height, data } = PNG.sync.read(Buffer.from(file));
    return { width, height, data };
  }
  return jpeg.decode(file, { useTArray: true, maxMemoryUsageInMB: 1024 });
}

/** The file at half its size, as a JPEG of this quality. */
export function recompress(raster: Raster, quality: number): Uint8Array {
  return toJpeg(half(raster), quality);
}

export const nodeCodec: Codec = {
  async open(file: Uint8Array, { type }: Sniffed): Promise<Opened> {
    const raster = decode(file, type);
    return {
      width: raster.width,
      height: raster.height,
      rows: (to) => to(raster.data),
      recompressed: async () => recompress(raster, 60),
      close: () => {},
    };
  },
};
