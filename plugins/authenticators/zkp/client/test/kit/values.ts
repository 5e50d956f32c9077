/** The values that server and client agree on, and hexadecimal. */
import { readFileSync } from "node:fs";
import { concat } from "../../src/bytes.ts";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

// The tests run in the package's folder.
export const VECTORS: Record<string, never> = JSON.parse(readFileSync("../vectors/vectors.json", "utf8"));

export const hex = bytesToHex;
export const bytes = (text: string): Uint8Array => hexToBytes(text.replace(/\s/g, ""));
export const value = (name: string): Uint8Array => bytes(VECTORS[name]);

/** A source of randomness that gives the library this scalar: it maps what it draws to 1 ... order - 1 by adding one. */
export function drawing(scalar: Uint8Array): (size?: number) => Uint8Array {
  const less = scalar.slice();
  for (let at = 0; less[at]-- === 0; at++);
  return (size = 32) => concat(less, new Uint8Array(size - 32));
}
