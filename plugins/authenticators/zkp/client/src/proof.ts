/** Schnorr's non-interactive proof (RFC 8235) over ristretto255 (RFC 9496) with SHA-512: knows x, and shows only that. */
import { ristretto255 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, integer, random, read, utf8 } from "./bytes.ts";

const Point = ristretto255.Point;
const ORDER = Point.Fn.ORDER;

/** Bytes as an integer, the lowest first. */
const little = (bytes: Uint8Array): bigint => read(bytes.slice().reverse());

/** 64 bytes, the lowest first, modulo the order. */
export function wide(bytes: Uint8Array): bigint {
  return little(bytes) % ORDER;
}

/** A scalar as 32 bytes, the lowest first. */
export function scalarBytes(scalar: bigint): Uint8Array {
  return integer(scalar, 32).reverse();
}

/** The commitment X = xG. */
export function commitment(x: bigint): Uint8Array {
  return Point.BASE.multiply(x).toBytes();
}

const long = (item: Uint8Array) => concat(integer(item.length, 4), item);

function challenge(V: Uint8Array, X: Uint8Array, user: Uint8Array, ctx: Uint8Array): bigint {
  return wide(sha512(concat(...[Point.BASE.toBytes(), V, X, user, ctx].map(long))));
}

/** 64 bytes: c and r. The random number is hedged with x and the context, so that a bad one does not tell x. */
export function prove(x: bigint, user: Uint8Array, ctx: Uint8Array, fresh = random(32)): Uint8Array {
  const X = commitment(x);
  const v = wide(sha512(concat(utf8("VP1-nonce"), scalarBytes(x), fresh, sha512(ctx))));
  const c = challenge(Point.BASE.multiply(v).toBytes(), X, user, ctx);
  const r = (v + (ORDER - c) * x) % ORDER;
  return concat(scalarBytes(c), scalarBytes(r));
}

/** For tests, and for whoever wants to see that a proof of theirs is one. */
export function verify(X: Uint8Array, user: Uint8Array, ctx: Uint8Array, proof: Uint8Array): boolean {
  if (proof.length !== 64) return false;
  const [c, r] = [little(proof.subarray(0, 32)), little(proof.subarray(32))];
  if (c >= ORDER || r >= ORDER) return false;
  try {
    const point = Point.fromBytes(X);
    if (point.is0()) return false;
    const V = Point.BASE.multiplyUnsafe(r).add(point.multiplyUnsafe(c));
    return challenge(V.toBytes(), X, user, ctx) === c;
  } catch {
    return false;
  }
}

/** What looks like a proof and is none: sent where the picture did not fit, since nothing fixed may stand in its place. */
export function noProof(): Uint8Array {
  return concat(scalarBytes(wide(random(64))), scalarBytes(wide(random(64))));
}
