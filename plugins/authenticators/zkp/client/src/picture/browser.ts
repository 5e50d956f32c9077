/** Decoding by the browser. Colours are taken as they are written, and turned as EXIF says. */
import { PictureError } from "./error.ts";
import type { Codec, Opened } from "./index.ts";
import type { Sniffed } from "./sniff.ts";

/** Pixels that are copied out of a canvas at a time. */
const STRIP = 1 << 20;
const QUALITY = 0.6;

type Canvas = OffscreenCanvas | HTMLCanvasElement;
type Context2d = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

function canvasOf(width: number, height: number): { canvas: Canvas; context: Context2d } {
  const offscreen = typeof OffscreenCanvas === "function";
  const canvas = offscreen ? new OffscreenCanvas(width, height) : document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true, alpha: false }) as Context2d | null;
  if (!context) throw new PictureError("undecodable", "this browser has no canvas of that size");
  // White behind what is transparent.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  return { canvas, context };
}

/** Some browsers hand pages other pixels than they drew, against fingerprinting: no picture would be itself again. */
function checkHonest(): void {
  const { context } = canvasOf(16, 16);
  const drawn = context.createImageData(16, 16);
  for (let at = 0; at < drawn.data.length; at++) drawn.data[at] = at % 4 === 3 ? 255 : (at * 37) % 256;
  context.putImageData(drawn, 0, 0);
  const seen = context.getImageData(0, 0, 16, 16).data;
  if (seen.some((value, at) => Math.abs(value - drawn.data[at]) > 8)) {
    throw new PictureError("browser-hides-pixels", "this browser does not let pages see the pixels of a picture");
  }
}

async function toJpeg(canvas: Canvas): Promise<Uint8Array> {
  const type = "image/jpeg";
  const blob =
    "convertToBlob" in canvas
      ? await canvas.convertToBlob({ type, quality: QUALITY })
      : await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, QUALITY));
  if (blob?.type !== type) throw new PictureError("undecodable", "this browser writes no JPEG");
  return new Uint8Array(await blob.arrayBuffer());
}

class Bitmap implements Opened {
  readonly #bitmap: ImageBitmap;
  constructor(bitmap: ImageBitmap) {
    this.#bitmap = bitmap;
  }

  get width(): number {
    return this.#bitmap.width;
  }

  get height(): number {
    return this.#bitmap.height;
  }

  rows(to: (rgba: Uint8ClampedArray) => void): void {
    const { width, height } = this;
    const most = Math.max(1, Math.floor(STRIP / width));
    for (let y = 0; y < height; y += most) {
      const count = Math.min(most, height - y);
      const { context } = canvasOf(width, count);
      context.drawImage(this.#bitmap, 0, y, width, count, 0, 0, width, count);
      to(context.getImageData(0, 0, width, count).data);
    }
  }

  recompressed(): Promise<Uint8Array> {
    const [width, height] = [this.width, this.height].map((side) => Math.max(1, Math.round(side / 2)));
    const { canvas, context } = canvasOf(width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#bitmap, 0, 0, width, height);
    return toJpeg(canvas);
  }

  close(): void {
    this.#bitmap.close();
  }
}

export const browserCodec: Codec = {
  async open(bytes: Uint8Array, { type }: Sniffed): Promise<Opened> {
    checkHonest();
    try {
      const file = new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
      return new Bitmap(await createImageBitmap(file, { colorSpaceConversion: "none", imageOrientation: "from-image" }));
    } catch (cause) {
      throw new PictureError("undecodable", "this browser can't decode it", { cause });
    }
  },
};
