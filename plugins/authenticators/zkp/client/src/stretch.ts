/** Argon2id (RFC 9106, version 0x13): makes each guess of whoever has the database and the OPRF key dear. */
import { argon2id } from "hash-wasm";

/** Memory in KiB, passes, lanes. */
export type Cost = { m: number; t: number; p: number };

/** What is enrolled with, and the least that is accepted (VP1, section 2.1). */
export const COST: Cost = { m: 65536, t: 3, p: 1 };
/** The most that is accepted: a server must not be able to stop a device with numbers. */
export const CEILING: Cost = { m: 1 << 20, t: 16, p: 4 };

export type Stretch = (secret: Uint8Array, salt: Uint8Array, cost: Cost) => Promise<Uint8Array>;

export function acceptable({ m, t, p }: Cost): boolean {
  return m >= COST.m && m <= CEILING.m && t >= COST.t && t <= CEILING.t && p >= COST.p && p <= CEILING.p;
}

/** Right here; takes about a second, in which a page would not answer. */
export const stretchHere: Stretch = (secret, salt, { m, t, p }) =>
  argon2id({
    password: secret,
    salt,
    memorySize: m,
    iterations: t,
    parallelism: p,
    hashLength: 64,
    outputType: "binary",
  });

let stretcher = stretchHere;

/** Says where the work is done from now on; the hosted pages take `stretchInWorker`. */
export function stretchWith(other: Stretch): void {
  stretcher = other;
}

export const stretch: Stretch = (secret, salt, cost) => stretcher(secret, salt, cost);
