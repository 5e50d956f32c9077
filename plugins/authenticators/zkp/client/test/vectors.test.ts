/** Byte for byte what the server's side says of the same values (VP1, section 8). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { argon2id } from "@noble/hashes/argon2.js";
import { expand } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, ones, utf8, xor } from "../src/bytes.ts";
import { context, enrolmentBinding, userId } from "../src/context.ts";
import { factors } from "../src/factors.ts";
import { ALGORITHM, readHelper, writeHelper } from "../src/helper.ts";
import { keysOf, open } from "../src/hpke.ts";
import { finalize } from "../src/oprf.ts";
import { commitment, prove, scalarBytes, verify } from "../src/proof.ts";
import * as rs from "../src/rs.ts";
import { mask, prk, scalar } from "../src/schedule.ts";
import { stretchHere } from "../src/stretch.ts";
import { VECTORS, drawing, hex, value } from "./kit/values.ts";

const cost = { m: VECTORS.m as number, t: VECTORS.t as number, p: VECTORS.p as number };
const seen = new Set<string>();
const is = (bytes: Uint8Array, name: string) => {
  seen.add(name);
  assert.equal(hex(bytes), VECTORS[name], name);
};

const context_of = (purpose: string, binding: Uint8Array) =>
  context({
    ...{ purpose, tenant: "acme", username: "alice", client_id: "spa-1", auth_req_id: "ar-1" },
    origin: "https://login.example.test",
    challenge_id: new Uint8Array(16).fill(1),
    nonce: new Uint8Array(32).fill(2),
    epk: new Uint8Array(32).fill(3),
    issued: 1_800_000_000n,
    binding,
  });

const x = () => scalar(value("prk"), value("rs_msg"), value("helper"));

test("factors", () => {
  is(factors({ pin: VECTORS.pin, grid: VECTORS.pattern_size, cells: VECTORS.pattern }), "factors");
});

test("the oblivious function", () => {
  const { oprf } = ristretto255_oprf;
  const info = concat(value("oprf_id"), utf8("VP1-OprfKey"));
  const key = oprf.deriveKeyPair(expand(sha512, value("oprf_seed"), info, 32), utf8("VP1-DeriveKeyPair")).secretKey;
  is(key, "oprf_sk");
  const blind = value("blind");
  const { blinded } = oprf.blind(value("factors"), drawing(blind));
  is(blinded, "blinded");
  is(oprf.blindEvaluate(key, blinded), "evaluated");
  is(finalize(value("factors"), blind, value("evaluated")), "oprf_output");
});

test("Argon2id, by two libraries", async () => {
  is(await stretchHere(value("oprf_output"), value("salt"), cost), "argon2id");
  is(argon2id(value("oprf_output"), value("salt"), { ...cost, dkLen: 64 }), "argon2id");
});

test("the schedule", () => {
  is(prk(value("oprf_output"), value("argon2id")), "prk");
  is(mask(value("prk"), ALGORITHM), "mask");
  is(scalarBytes(x()), "x");
  is(commitment(x()), "X");
});

test("the sketch", () => {
  const word = rs.encode(value("rs_msg"));
  is(word, "rs_codeword");
  const sketch = xor(xor(value("w"), word), value("mask"));
  is(sketch, "masked_sketch");
  const helper = writeHelper({ salt: value("salt"), cost, sketch });
  is(helper, "helper");
  assert.deepEqual(readHelper(helper), { salt: value("salt"), cost, sketch });
});

test("a picture with noise", () => {
  const received = xor(xor(value("masked_sketch"), value("mask")), value("w_noisy"));
  const word = rs.decode(received);
  assert.ok(word);
  is(word, "rs_codeword");
  assert.equal(ones(xor(word, received)), VECTORS.noisy_bits);
});

test("contexts and proofs", () => {
  is(userId("acme", "alice"), "user_id");
  const binding = enrolmentBinding("alice@example.test", value("helper"), "");
  const [login, register] = [context_of("login", new Uint8Array()), context_of("register", binding)];
  is(login, "ctx_login");
  is(register, "ctx_register");
  const proof = prove(x(), value("user_id"), login, value("nonce_rand"));
  is(proof, "proof_login");
  is(prove(x(), value("user_id"), register, value("nonce_rand")), "proof_register");
  assert.ok(verify(value("X"), value("user_id"), login, proof));
  assert.ok(!verify(value("X"), value("user_id"), register, proof));
  assert.ok(!verify(value("X"), userId("acme", "alicf"), login, proof));
});

test("HPKE", async () => {
  const keys = await keysOf(value("hpke_sk"), value("hpke_pk"));
  is(await open(keys, value("hpke_info"), value("hpke_aad"), value("hpke_sealed")), "hpke_pt");
});

test("no value of the file is left out", () => {
  // What is put in, and checked by what comes out.
  const given =
    "blind hpke_aad hpke_info hpke_pk hpke_sealed hpke_sk m noisy_bits nonce_rand oprf_id oprf_seed p pattern pattern_size pin rs_msg salt suite t w w_noisy";
  const all = Object.keys(VECTORS).sort();
  assert.deepEqual([...seen, ...given.split(" ")].sort(), all);
});
