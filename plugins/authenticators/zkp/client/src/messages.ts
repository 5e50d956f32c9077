/** The messages of VP1, section 2.6, byte for byte. */
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, fromBase64url, lp, read, toBase64url, utf8 } from "./bytes.ts";
import { HELPER_BYTES } from "./helper.ts";
import { type Keys, open, seal } from "./hpke.ts";

export const PROTO_VERSION = "vp1";
const VERSION = 1;
const CHALLENGE_BYTES = 32 + 402 + 16;

/** What a challenge is asked for with: to sign in (1), or to enrol (2). */
export type Kind = 1 | 2;

export function cipherKeyBytes(kind: Kind, epk: Uint8Array, blinded: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(kind), epk, blinded);
}

/** What the server sealed for whoever asked. */
export type Challenge = {
  id: Uint8Array;
  nonce: Uint8Array;
  issued: bigint;
  ttl: number;
  evaluated: Uint8Array;
  helper: Uint8Array;
};

/** For whom and for what it was asked: what it is not sealed for, it does not open with. */
export type Asker = { tenant: string; username: string; auth_req_id: string };

export async function openChallenge(sealed: string, keys: Keys, asker: Asker, cipherKey: Uint8Array): Promise<Challenge> {
  const aad = concat(lp(asker.tenant), lp(asker.username), lp(asker.auth_req_id), lp(cipherKey));
  const bytes = await open(keys, utf8("VP1 challenge"), aad, fromBase64url(sealed, CHALLENGE_BYTES));
  if (bytes[0] !== VERSION) throw new RangeError("a challenge of another version");
  return {
    id: bytes.slice(1, 17),
    nonce: bytes.slice(17, 49),
    issued: read(bytes.subarray(49, 57)),
    ttl: Number(read(bytes.subarray(57, 61))),
    evaluated: bytes.slice(61, 93),
    helper: bytes.slice(93, 93 + HELPER_BYTES),
  };
}

/** An answer to a challenge, as it is sent. */
export function answerText(proof: Uint8Array): string {
  return toBase64url(concat(Uint8Array.of(VERSION), proof));
}

/** Which of its keys the server will need. */
export function keyId(publicKey: Uint8Array): Uint8Array {
  return sha512(publicKey).slice(0, 8);
}

export type Enrolment = {
  purpose: string;
  email: string;
  challenge_id: Uint8Array;
  X: Uint8Array;
  proof: Uint8Array;
  helper: Uint8Array;
};

export async function sealCommitment(to: Uint8Array, asker: Asker, of: Enrolment): Promise<string> {
  const kid = keyId(to);
  const text = concat(Uint8Array.of(VERSION), of.challenge_id, of.X, of.proof, of.helper);
  const aad = [of.purpose, asker.tenant, asker.username, of.email, PROTO_VERSION, asker.auth_req_id].map(lp);
  const sealed = await seal(to, concat(utf8("VP1 commitment"), kid), concat(...aad), text);
  return toBase64url(concat(Uint8Array.of(VERSION), kid, sealed));
}
