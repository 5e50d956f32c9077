/** The code, against another implementation of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { equal, random } from "../src/bytes.ts";
import * as rs from "../src/rs.ts";
import { otherDecode, otherEncode, spoil } from "./kit/words.ts";

test("words are written as the other implementation writes them", () => {
  for (let n = 0; n < 300; n++) {
    const message = random(63);
    assert.deepEqual(rs.encode(message), otherEncode(message));
  }
});

test("0 to 96 errors are corrected, each count eight times", () => {
  for (let errors = 0; errors <= rs.MOST_ERRORS; errors++) {
    for (let n = 0; n < 8; n++) {
      const word = rs.encode(random(63));
      assert.deepEqual(rs.decode(spoil(word, errors)), word, `${errors} errors`);
    }
  }
});

test("97 errors and more never come out as the word that was sent, and both implementations agree", () => {
  for (let n = 0; n < 318; n++) {
    const word = rs.encode(random(63));
    const received = spoil(word, 97 + (n % 159));
    const [mine, other] = [rs.decode(received), otherDecode(received)];
    assert.ok(mine === null || !equal(mine, word));
    assert.deepEqual(mine, other);
  }
});

test("2,000 random words: refused, as the other implementation refuses them", () => {
  for (let n = 0; n < 2000; n++) {
    const received = random(255);
    assert.equal(rs.decode(received), null);
    if (n % 20 === 0) assert.equal(otherDecode(received), null);
  }
});

test("2,000 words of any number of errors: the same outcome in both", () => {
  for (let n = 0; n < 2000; n++) {
    const received = spoil(rs.encode(random(63)), n % 130);
    assert.deepEqual(rs.decode(received), otherDecode(received));
  }
});

test("bursts, constant words and single bytes", () => {
  for (const fill of [0x00, 0x01, 0xff]) {
    const constant = new Uint8Array(255).fill(fill);
    assert.deepEqual(rs.decode(constant), otherDecode(constant), `all ${fill}`);
  }
  const word = rs.encode(random(63));
  for (let from = 0; from + 96 <= 255; from++) {
    const received = word.slice();
    for (let at = from; at < from + 96; at++) received[at] ^= 0xff;
    assert.deepEqual(rs.decode(received), word, `from ${from}`);
  }
});

test("other lengths are errors", () => {
  for (const size of [0, 62, 64, 254, 256]) {
    assert.throws(() => rs.encode(new Uint8Array(size)));
    assert.throws(() => rs.decode(new Uint8Array(size)));
  }
});
