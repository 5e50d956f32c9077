// Pictures for the tests, made in the browser: nobody's photographs, but with detail at all sizes as photographs have.

/** JPEGs: two pictures, and copies of the first as messengers make them. */
export async function photographs(page) {
  const made = await page.evaluate(async () => {
    const side = [960, 720];
    const paint = (seed) => {
      let state = seed;
      const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
      const canvas = Object.assign(document.createElement("canvas"), { width: side[0], height: side[1] });
      const pen = canvas.getContext("2d");
      for (let at = 0; at < 900; at++) {
        const radius = 6 + 220 * (1 - at / 900) ** 2 * next() + 20 * next();
        const [x, y] = [side[0] * next(), side[1] * next()];
        const colour = [next(), next(), next()].map((part) => Math.floor(255 * part)).join(",");
        const light = pen.createRadialGradient(x, y, 0, x, y, radius);
        light.addColorStop(0, `rgba(${colour},0.8)`);
        light.addColorStop(1, `rgba(${colour},0)`);
        pen.fillStyle = light;
        pen.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
      }
      return canvas;
    };
    const smaller = (canvas, width, height) => {
      const small = Object.assign(document.createElement("canvas"), { width, height });
      small.getContext("2d").drawImage(canvas, 0, 0, width, height);
      return small;
    };
    const jpeg = (canvas, quality) => canvas.toDataURL("image/jpeg", quality).split(",")[1];
    const [first, second] = [paint(42), paint(1871)];
    return {
      original: jpeg(first, 0.9),
      recompressed: jpeg(smaller(first, side[0] / 2, side[1] / 2), 0.6),
      other: jpeg(second, 0.9),
    };
  });
  const file = ([name, data]) => [name, { name: `${name}.jpg`, mimeType: "image/jpeg", buffer: Buffer.from(data, "base64") }];
  return Object.fromEntries(Object.entries(made).map(file));
}

/** Files that are no pictures to sign in with, by what is wrong with them. */
export function refusable({ original }) {
  const header = Buffer.alloc(33);
  header.write("\x89PNG\r\n\x1a\n", 0, "latin1");
  header.writeUInt32BE(13, 8);
  header.write("IHDR", 12, "latin1");
  header.writeUInt32BE(30_000, 16);
  header.writeUInt32BE(30_000, 20);
  header.set([8, 2, 0, 0, 0], 24);
  const end = Buffer.from("0000000049454e44ae426082", "hex");
  const half = original.buffer.subarray(0, original.buffer.length / 2);
  return {
    truncated: { ...original, name: "half.jpg", buffer: half },
    huge: { name: "huge.png", mimeType: "image/png", buffer: Buffer.concat([header, end]) },
    text: { name: "words.jpg", mimeType: "image/jpeg", buffer: Buffer.from("These are words.") },
    gif: { name: "moves.gif", mimeType: "image/gif", buffer: Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1") },
  };
}
