/** In Chromium: the canvas gives Python's bits, Argon2id runs in a worker under the hosted pages' rules, and both talk. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ones, xor } from "../src/bytes.ts";
import type * as api from "../src/index.ts";
import { type Opened, openPage } from "./kit/browser.ts";
import { AGAIN, PICTURES, accepted } from "./kit/pictures.ts";
import { ORIGIN, Server } from "./kit/server.ts";

declare global {
  var vp1: typeof api;
  var kept: unknown;
}

const BETWEEN_DECODERS = 10;
let opened: Opened;
before(async () => (opened = await openPage()));
after(() => opened.close());

type Outcome = { bits: number[]; size: number[] } | { reason: string };

/** What the page makes of a file. */
function inPage(bytes: Uint8Array, how: "bitsOf" | "bitsForEnrolment"): Promise<Outcome> {
  return opened.page.evaluate(
    async ([list, how]) => {
      try {
        const { bits, width, height } = await vp1[how](new Blob([Uint8Array.from(list)]));
        return { bits: [...bits], size: [width, height] };
      } catch (error) {
        if (error instanceof vp1.PictureError) return { reason: error.reason };
        throw error;
      }
    },
    [[...bytes], how] as const,
  );
}

async function bitsInPage(bytes: Uint8Array): Promise<{ bits: Uint8Array; size: number[] }> {
  const outcome = await inPage(bytes, "bitsOf");
  assert.ok("bits" in outcome, JSON.stringify(outcome));
  return { bits: Uint8Array.from(outcome.bits), size: outcome.size };
}

test("the bits of every picture are Python's, but for half a percent: JPEG, PNG, WebP, turned, see-through", async (t) => {
  for (const [name, { file, bits }] of Object.entries(PICTURES)) {
    const differ = ones(xor(bits, (await bitsInPage(file())).bits));
    t.diagnostic(`${name}: ${differ} bits`);
    assert.ok(differ <= BETWEEN_DECODERS, `${name}: ${differ}`);
  }
});

test("a picture that lies on its side is turned as EXIF says", async () => {
  const [turned, upright] = [await bitsInPage(PICTURES["turned.jpg"].file()), await bitsInPage(PICTURES["coffee.jpg"].file())];
  assert.deepEqual(turned.size, [600, 400]);
  assert.ok(ones(xor(turned.bits, upright.bits)) < 0.03 * 2040);
});

test("at half the size and quality 60 everybody signs in with their own picture", async () => {
  for (const name of ["coffee.jpg", "astronaut.jpg", "galaxies.jpg", "camera.png", "chelsea.webp"]) {
    const now = (await bitsInPage(AGAIN[name.replace(/\..+/, "")])).bits;
    assert.ok(accepted(PICTURES[name].bits, now), name);
    assert.ok(!accepted(PICTURES[name === "coffee.jpg" ? "camera.png" : "coffee.jpg"].bits, now), `${name}, another`);
  }
});

test("what is enrolled survives what the browser's own encoder does to it", async () => {
  for (const name of ["coffee.jpg", "astronaut.jpg", "galaxies.jpg", "chelsea.webp"]) {
    assert.ok("bits" in (await inPage(PICTURES[name].file(), "bitsForEnrolment")), name);
  }
});

test("files that are refused", async () => {
  const camera = PICTURES["camera.png"].file();
  const huge = camera.slice();
  new DataView(huge.buffer).setUint32(16, 30_000);
  new DataView(huge.buffer).setUint32(20, 30_000);
  // Its header and its frame are whole, what is in it is not a picture.
  const spoiled = camera.map((byte, at) => (at > 60 && at < camera.length - 20 ? byte ^ 0x5a : byte));
  const cases: [string, Uint8Array, string[]][] = [
    ["huge", huge, ["too-many-pixels"]],
    ["truncated", camera.subarray(0, 5000), ["truncated"]],
    ["a GIF", new TextEncoder().encode("GIF89a      "), ["unsupported"]],
    ["text", new TextEncoder().encode("hello"), ["not-a-picture"]],
    ["spoiled", spoiled, ["undecodable", "truncated"]],
  ];
  for (const [name, file, reasons] of cases) {
    const outcome = await inPage(file, "bitsOf");
    assert.ok("reason" in outcome && reasons.includes(outcome.reason), `${name}: ${JSON.stringify(outcome)}`);
  }
});

test("forty megapixels, in strips", async (t) => {
  const begun = performance.now();
  const outcome = await opened.page.evaluate(async () => {
    const canvas = new OffscreenCanvas(8000, 5000);
    const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
    for (let at = 0; at < 400; at++) {
      context.fillStyle = `hsl(${(at * 137) % 360} 70% ${(at * 29) % 100}%)`;
      context.fillRect((at * 1597) % 8000, (at * 2311) % 5000, 900, 700);
    }
    const { bits, width, height } = await vp1.bitsOf(await canvas.convertToBlob({ type: "image/jpeg" }));
    return { set: [...bits].filter((byte) => byte !== 0).length, width, height };
  });
  t.diagnostic(`${Math.round(performance.now() - begun)} ms with drawing it`);
  assert.deepEqual([outcome.width, outcome.height], [8000, 5000]);
  assert.ok(outcome.set > 200);
});

test("a browser that hands out other pixels than were drawn is told apart", async () => {
  await opened.page.evaluate(() => {
    const { prototype } = OffscreenCanvasRenderingContext2D;
    const honest = prototype.getImageData;
    Object.assign(globalThis, { honest });
    prototype.getImageData = function (this: OffscreenCanvasRenderingContext2D, ...asked: Parameters<typeof honest>) {
      const seen = honest.apply(this, asked);
      crypto.getRandomValues(seen.data.subarray(0, 1024));
      return seen;
    } as typeof honest;
  });
  assert.deepEqual(await inPage(PICTURES["coffee.jpg"].file(), "bitsOf"), { reason: "browser-hides-pixels" });
  await opened.page.evaluate(() => {
    OffscreenCanvasRenderingContext2D.prototype.getImageData = (globalThis as never as { honest: never }).honest;
  });
});

test("somebody enrols and signs in, with Argon2id in a worker", async (t) => {
  const server = new Server();
  const secrets = { bits: [...PICTURES["coffee.jpg"].bits], pin: "493817", grid: 3, cells: [0, 1, 2, 5, 8] };
  const begin = (how: "beginEnrol" | "beginLogin", secrets: { bits: number[] } & Record<string, unknown>) =>
    opened.page.evaluate(
      async ([how, secrets]) => {
        const begun = await vp1[how]({ ...(secrets as unknown as api.Secrets), bits: Uint8Array.from(secrets.bits) });
        globalThis.kept = begun.state;
        return begun.cipher_key;
      },
      [how, secrets] as const,
    );
  const enrolling = await server.ask(await begin("beginEnrol", secrets));
  const commitment = await opened.page.evaluate(
    ([asked, origin]) => vp1.commit(globalThis.kept as api.EnrolState, asked, origin, { email: "a@example.test" }),
    [enrolling.asked, ORIGIN] as const,
  );
  assert.ok(await server.enrol(enrolling, commitment, "a@example.test"));
  for (const [pin, accepted] of [
    ["493817", true],
    ["493818", false],
  ] as const) {
    const again = await bitsInPage(AGAIN["coffee"]);
    const challenge = await server.ask(await begin("beginLogin", { ...secrets, pin, bits: [...again.bits] }));
    const begun = performance.now();
    const [answer, frames] = await opened.page.evaluate(
      async ([asked, origin]) => {
        // The page goes on painting meanwhile: that is what the worker is for.
        let frames = 0;
        const tick = setInterval(() => frames++, 10);
        const answer = await vp1.answerLogin(globalThis.kept as api.LoginState, asked, origin, [600, 400]);
        clearInterval(tick);
        return [answer, frames] as const;
      },
      [challenge.asked, ORIGIN] as const,
    );
    t.diagnostic(`${pin}: ${Math.round(performance.now() - begun)} ms, ${frames} ticks`);
    assert.equal(server.accepts(challenge, answer), accepted, pin);
    assert.ok(frames > 5, `the page stood still: ${frames} ticks`);
  }
});

test("the browser has nothing to complain of", () => {
  assert.deepEqual(opened.complaints, []);
});
