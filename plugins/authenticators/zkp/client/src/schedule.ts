/** From what somebody knows to the scalar of the proof (VP1, section 2.5): HKDF-SHA-512 (RFC 5869). */
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, lp, utf8 } from "./bytes.ts";
import { wide } from "./proof.ts";

/** Of the OPRF's output and what Argon2id made of it. */
export function prk(y: Uint8Array, stretched: Uint8Array): Uint8Array {
  return extract(sha512, concat(y, stretched), utf8("VP1-stretch"));
}

/** Covers the sketch, so that it says nothing of the picture to who lacks PIN and pattern. */
export function mask(prk: Uint8Array, algorithm: string): Uint8Array {
  return expand(sha512, prk, concat(utf8("VP1-sketch-mask"), lp(algorithm)), 255);
}

/** Depends on every byte of the helper: one that was tampered with gives another scalar, and no other answer. */
export function scalar(prk: Uint8Array, message: Uint8Array, helper: Uint8Array): bigint {
  const key = extract(sha512, message, prk);
  return wide(expand(sha512, key, concat(utf8("VP1-x"), sha512(helper)), 64));
}
