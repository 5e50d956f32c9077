/** What the server keeps for the client (VP1, section 2.5), in one fixed layout of 309 bytes. */
import { concat, equal, integer, lp, read } from "./bytes.ts";
import type { Cost } from "./stretch.ts";

/** How pictures become bits, and how errors in them are corrected. */
export const ALGORITHM = "dct-sign-256/1";
export const CODE = "rs255-63-11d";
export const HELPER_BYTES = 309;

export type Helper = { salt: Uint8Array; cost: Cost; sketch: Uint8Array };

export function writeHelper({ salt, cost, sketch }: Helper): Uint8Array {
  const numbers = concat(integer(cost.m, 4), integer(cost.t, 1), integer(cost.p, 1));
  return concat(salt, numbers, lp(ALGORITHM), lp(CODE), lp(sketch));
}

/** An error says that the record is of another version than this client knows. */
export function readHelper(bytes: Uint8Array): Helper {
  const cost = { m: Number(read(bytes.subarray(16, 20))), t: bytes[20], p: bytes[21] };
  const helper = { salt: bytes.slice(0, 16), cost, sketch: bytes.slice(HELPER_BYTES - 255) };
  // One layout only: what is not written exactly so is not read at all.
  if (bytes.length !== HELPER_BYTES || !equal(writeHelper(helper), bytes)) {
    throw new RangeError("a helper of another version");
  }
  return helper;
}
