/** What strangers choose: words of the code, files, and messages of a server. `npm run fuzz` runs it for a minute. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { equal, fromBase64url, ones, random, toBase64url, xor } from "../src/bytes.ts";
import { readHelper } from "../src/helper.ts";
import { PictureError } from "../src/picture/error.ts";
import { sniff } from "../src/picture/sniff.ts";
import * as rs from "../src/rs.ts";
import { PICTURES } from "./kit/pictures.ts";
import { otherDecode, spoil } from "./kit/words.ts";

const SECONDS = Number(process.env["FUZZ_SECONDS"] ?? 20);

function until(seconds: number, once: (n: number) => void): number {
  const end = performance.now() + 1000 * seconds;
  let n = 0;
  for (; performance.now() < end; n++) once(n);
  return n;
}

/** How many bytes differ. */
const distance = (a: Uint8Array, b: Uint8Array): number => xor(a, b).filter((byte) => byte !== 0).length;

test("whatever is decoded is a word, within 96 bytes, and what the other implementation says", (t) => {
  const n = until(SECONDS, (n) => {
    const received = n % 4 ? spoil(rs.encode(random(63)), Math.floor(Math.random() * 140)) : random(255);
    const word = rs.decode(received);
    if (word) {
      assert.ok(distance(word, received) <= rs.MOST_ERRORS);
      assert.deepEqual(rs.encode(word.subarray(0, 63)), word);
    }
    if (n % 8 === 0) assert.deepEqual(word, otherDecode(received));
  });
  t.diagnostic(`${n} words`);
});

test("a file is known, or refused with a reason, and never anything else", (t) => {
  const files = Object.values(PICTURES).map((picture) => picture.file());
  const n = until(SECONDS, () => {
    let file = files[Math.floor(Math.random() * files.length)].slice();
    for (let changes = Math.floor(Math.random() * 8); changes > 0; changes--) {
      file[Math.floor((Math.random() < 0.7 ? 64 : file.length) * Math.random())] = random(1)[0];
    }
    if (Math.random() < 0.3) file = file.slice(0, Math.floor(Math.random() * file.length));
    try {
      const { width, height } = sniff(file);
      assert.ok(width > 0 && height > 0 && width * height <= 40_000_000);
    } catch (refused) {
      assert.ok(refused instanceof PictureError, String(refused));
    }
  });
  t.diagnostic(`${n} files`);
});

test("helpers and base64url: what is read is written back the same", (t) => {
  const n = until(SECONDS, () => {
    const helper = random(309);
    try {
      readHelper(helper);
      assert.fail("random bytes are no helper");
    } catch (refused) {
      assert.ok(refused instanceof RangeError);
    }
    const size = Math.floor(Math.random() * 70);
    const text = toBase64url(random(size)).replace(/./, (one) => (Math.random() < 0.5 ? "=" : one));
    try {
      assert.equal(toBase64url(fromBase64url(text, size)), text);
    } catch (refused) {
      assert.ok(refused instanceof RangeError && text.includes("="));
    }
    assert.ok(ones(helper) > 0 && equal(helper, helper));
  });
  t.diagnostic(`${n} rounds`);
});
