/** The small parts: bytes, factors, helper, policy. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url, integer, lp, random, toBase64url, utf8 } from "../src/bytes.ts";
import { type Context, context } from "../src/context.ts";
import { factors } from "../src/factors.ts";
import { HELPER_BYTES, readHelper, writeHelper } from "../src/helper.ts";
import { misfits, straight, weakPin, weaknesses } from "../src/policy.ts";
import { hex } from "./kit/values.ts";
import { commitment, noProof, prove, verify } from "../src/proof.ts";

test("base64url is Node's, and strict", () => {
  for (let size = 0; size < 70; size++) {
    const bytes = random(size);
    const text = Buffer.from(bytes).toString("base64url");
    assert.equal(toBase64url(bytes), text);
    assert.deepEqual(fromBase64url(text, size), bytes);
    for (const wrong of [`${text}A`, `${text}AAAA`, `${text}=`, text.slice(0, -2) + "=="].slice(0, size ? 4 : 3))
      assert.throws(() => fromBase64url(wrong, size), RangeError);
  }
  for (const wrong of ["AB", "A=", "A ", "A+", "Aé"]) assert.throws(() => fromBase64url(wrong, 1), RangeError, wrong);
});

test("lengths that do not fit two bytes are errors", () => {
  assert.deepEqual(lp(utf8("ab")), Uint8Array.of(0, 2, 97, 98));
  assert.equal(lp(new Uint8Array(65535)).length, 65537);
  assert.throws(() => lp(new Uint8Array(65536)), RangeError);
  assert.throws(() => lp("é".repeat(32768)), RangeError);
  assert.throws(() => integer(256, 1), RangeError);
  assert.throws(() => integer(-1, 1), RangeError);
});

test("factors that are none", () => {
  const good = { pin: "493817", grid: 3, cells: [0, 1, 2, 5, 8] };
  for (const wrong of [
    { pin: "49381a" },
    { pin: "４９３８" },
    { cells: [9] },
    { cells: [-1] },
    { cells: [0.5] },
    { cells: [] },
    { grid: 0 },
    { grid: 16 },
  ]) {
    assert.throws(() => factors({ ...good, ...wrong }), RangeError, JSON.stringify(wrong));
  }
  assert.equal(factors({ pin: "", grid: 0, cells: [] }).length, 13 + 1 + 2 + 1 + 2);
});

test("a helper has one layout", () => {
  const helper = writeHelper({ salt: random(16), cost: { m: 65536, t: 3, p: 1 }, sketch: random(255) });
  assert.equal(helper.length, HELPER_BYTES);
  for (const at of [22, 23, 24, 37, 38, 39, 40, 51, 52, 53]) {
    assert.throws(() => readHelper(helper.map((byte, i) => (i === at ? byte ^ 1 : byte))), RangeError, `byte ${at}`);
  }
  assert.throws(() => readHelper(helper.subarray(1)), RangeError);
});

test("PINs that are tried first", () => {
  for (const pin of [
    "123456",
    "654321",
    "000000",
    "121212",
    "123123",
    "159753",
    "789012",
    "1234",
    "1990",
    "2024",
    "1122",
    "11111",
    "567",
    "111",
  ]) {
    assert.ok(weakPin(pin), pin);
  }
  for (const pin of ["493817", "830472", "7294", "50318", "927"]) assert.ok(!weakPin(pin), pin);
});

test("patterns that are tried first", () => {
  const of = (cells: number[], grid = 3) => weaknesses({ pin: "", grid, cells });
  for (const line of [
    [0, 1, 2],
    [2, 1, 0],
    [0, 4, 8],
    [2, 4, 6],
    [1, 4, 7],
    [0, 8, 4],
  ])
    assert.deepEqual(of(line), ["pattern-line"]);
  assert.deepEqual(of([0, 1]), ["pattern-short"]);
  assert.deepEqual(of([0, 1, 0]), ["pattern-repeats", "pattern-short"]);
  assert.deepEqual(of([0, 1, 2, 1]), ["pattern-repeats", "pattern-line"]);
  assert.deepEqual(of([0, 1, 2, 5, 8]), []);
  assert.deepEqual(of([0, 1, 4]), []);
  assert.ok(straight(4, [0, 5, 10, 15]) && straight(5, [0, 7, 14]) && !straight(4, [0, 5, 11]));
  assert.deepEqual(weaknesses({ pin: "123456", grid: 3, cells: [0, 1, 2] }), ["pin-common", "pattern-line"]);
});

test("what a tenant asks for", () => {
  const keypad = { pin: 6, pattern: null, order: [], show_pin: false };
  assert.deepEqual(misfits(keypad, { pin: 6, grid: 0 }), []);
  assert.deepEqual(misfits(keypad, { pin: 4, grid: 3 }), ["pin-size", "pattern-size"]);
});

test("proofs: each is another, all are accepted; nothing else is", () => {
  const [x, user, ctx] = [123456789n, utf8("user"), utf8("context")];
  const X = commitment(x);
  const [one, two] = [prove(x, user, ctx), prove(x, user, ctx)];
  assert.notDeepEqual(one, two);
  assert.ok(verify(X, user, ctx, one) && verify(X, user, ctx, two));
  for (let at = 0; at < 64; at++)
    assert.ok(
      !verify(
        X,
        user,
        ctx,
        one.map((byte, i) => (i === at ? byte ^ 1 : byte)),
      ),
    );
  assert.ok(!verify(new Uint8Array(32), user, ctx, one), "the identity");
  assert.ok(!verify(X, user, ctx, noProof()) && !verify(X, user, ctx, one.subarray(1)));
  // The random number is hedged: with a broken source two contexts still have two nonces.
  const broken = new Uint8Array(32);
  const [a, b] = [prove(x, user, ctx, broken), prove(x, user, utf8("other"), broken)];
  assert.notDeepEqual(a.subarray(0, 32), b.subarray(0, 32));
});

test("a context changes with each of its fields, and no two of them run together", () => {
  const of: Context = {
    ...{ purpose: "login", tenant: "acme", username: "alice", client_id: "spa-1", auth_req_id: "ar-1", origin: "https://a.test" },
    ...{ challenge_id: random(16), nonce: random(32), epk: random(32), issued: 7n, binding: random(4) },
  };
  const seen = new Set([hex(context(of))]);
  for (const [name, value] of Object.entries(of)) {
    const other =
      typeof value === "string" ? `${value}x` : typeof value === "bigint" ? value + 1n : value.map((byte) => byte ^ 1);
    seen.add(hex(context({ ...of, [name]: other })));
  }
  seen.add(hex(context({ ...of, tenant: "acmea", username: "lice" })));
  seen.add(hex(context({ ...of, client_id: "", auth_req_id: "spa-1ar-1" })));
  assert.equal(seen.size, 1 + 11 + 2);
  assert.throws(() => context({ ...of, origin: "x".repeat(65536) }), RangeError);
});
