/** What a proof is bound to (VP1, section 2.7; RFC 8235 calls it UserID and OtherInfo). */
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, integer, lp, utf8 } from "./bytes.ts";

export type Context = {
  purpose: string;
  tenant: string;
  username: string;
  client_id: string;
  auth_req_id: string;
  /** Of the page that asks; a server compares it with the header. */
  origin: string;
  challenge_id: Uint8Array;
  nonce: Uint8Array;
  epk: Uint8Array;
  issued: bigint;
  binding: Uint8Array;
};

export function userId(tenant: string, username: string): Uint8Array {
  return concat(lp(tenant), lp(username));
}

export function context(of: Context): Uint8Array {
  return concat(
    lp("VP1-ctx"),
    ...[of.purpose, of.tenant, of.username, of.client_id, of.auth_req_id, of.origin].map(lp),
    ...[of.challenge_id, of.nonce, of.epk, integer(of.issued, 8), of.binding].map(lp),
  );
}

/**
 * What an enrolment's proof is for besides: the address, the helper and, in a reset, the code; an empty one where the code was
 * spent before (the hosted pages).
 */
export function enrolmentBinding(email: string, helper: Uint8Array, code: string, reset = code !== ""): Uint8Array {
  return sha512(concat(lp(email), helper, reset ? sha512(utf8(code)) : new Uint8Array()));
}
