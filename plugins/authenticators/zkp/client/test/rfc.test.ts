/** The libraries against the RFCs' own values, since what is built on them is only as right as they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ristretto255, ristretto255_hasher, ristretto255_oprf } from "@noble/curves/ed25519.js";
import { argon2id } from "@noble/hashes/argon2.js";
import { random } from "../src/bytes.ts";
import { keysOf, open, publicBytes, generateKeys, seal } from "../src/hpke.ts";
import { blind, finalize } from "../src/oprf.ts";
import { stretchHere } from "../src/stretch.ts";
import { INVALID, MAPPED, MULTIPLES } from "./kit/rfc9496.ts";
import { bytes, drawing, hex } from "./kit/values.ts";

const { Point } = ristretto255;

test("RFC 9496, A.1: multiples of the generator", () => {
  let point = Point.ZERO;
  for (const encoded of MULTIPLES) {
    assert.equal(hex(point.toBytes()), encoded);
    assert.ok(Point.fromBytes(bytes(encoded)).equals(point));
    point = point.add(Point.BASE);
  }
});

test("RFC 9496, A.2: what is no encoding is refused, by the group and by the oblivious function", () => {
  const input = random(8);
  const { blind: scalar } = blind(input);
  for (const encoded of INVALID) {
    assert.throws(() => Point.fromBytes(bytes(encoded)), encoded);
    assert.throws(() => finalize(input, scalar, bytes(encoded)), encoded);
  }
});

test("RFC 9497, section 2.1: an evaluation that is the identity is refused", () => {
  const input = random(8);
  assert.throws(() => finalize(input, blind(input).blind, new Uint8Array(32)));
});

test("RFC 9496, A.3: the one-way map", () => {
  for (const [uniform, encoded] of MAPPED) {
    assert.equal(hex(ristretto255_hasher.deriveToCurve?.(bytes(uniform)).toBytes() ?? new Uint8Array()), encoded);
  }
});

const OPRF = [
  {
    input: "00",
    blinded: "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c",
    evaluated: "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e",
    output:
      "527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6",
  },
  {
    input: "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
    blinded: "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418",
    evaluated: "b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25",
    output:
      "f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73",
  },
];

test("RFC 9497, A.1.1: the oblivious function", () => {
  const { oprf } = ristretto255_oprf;
  const { secretKey } = oprf.deriveKeyPair(new Uint8Array(32).fill(0xa3), bytes("74657374206b6579"));
  assert.equal(hex(secretKey), "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e");
  const scalar = bytes("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706");
  for (const { input, blinded, evaluated, output } of OPRF) {
    const sent = oprf.blind(bytes(input), drawing(scalar));
    assert.equal(hex(sent.blinded), blinded);
    assert.equal(hex(oprf.blindEvaluate(secretKey, bytes(blinded))), evaluated);
    assert.equal(hex(finalize(bytes(input), scalar, bytes(evaluated))), output);
  }
});

test("RFC 9106, 5.3: Argon2id; and the library in use says the same as the one that can be asked", async () => {
  const of = (byte: number, size: number) => new Uint8Array(size).fill(byte);
  const more = { key: of(3, 8), personalization: of(4, 12) };
  const tag = argon2id(of(1, 32), of(2, 16), { m: 32, t: 3, p: 4, dkLen: 32, ...more });
  assert.equal(hex(tag), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
  // hash-wasm takes no associated data, so it is held against the other on what both take.
  for (const cost of [
    { m: 32, t: 3, p: 4 },
    { m: 64, t: 4, p: 1 },
    { m: 1024, t: 3, p: 2 },
  ]) {
    const [secret, salt] = [random(64), random(16)];
    assert.equal(hex(await stretchHere(secret, salt, cost)), hex(argon2id(secret, salt, { ...cost, dkLen: 64 })));
  }
});

test("RFC 9180, A.2.1: base mode of the suite in use", async () => {
  const keys = await keysOf(
    bytes("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"),
    bytes("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"),
  );
  const info = bytes("4f6465206f6e2061204772656369616e2055726e");
  const sealed = bytes(`1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a
    1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28`);
  const text = await open(keys, info, bytes("436f756e742d30"), sealed);
  assert.equal(new TextDecoder().decode(text), "Beauty is truth, truth beauty");
  await assert.rejects(open(keys, info, bytes("436f756e742d31"), sealed), "other associated data");
  await assert.rejects(open(keys, bytes("00"), bytes("436f756e742d30"), sealed), "other info");
});

test("what is sealed opens for its key alone", async () => {
  const [mine, other] = [await generateKeys(), await generateKeys()];
  const [info, aad, text] = [random(5), random(70), random(438)];
  const sealed = await seal(await publicBytes(mine), info, aad, text);
  assert.equal(sealed.length, 32 + 438 + 16);
  assert.deepEqual(await open(mine, info, aad, sealed), text);
  await assert.rejects(open(other, info, aad, sealed));
  sealed[40] ^= 1;
  await assert.rejects(open(mine, info, aad, sealed));
});
