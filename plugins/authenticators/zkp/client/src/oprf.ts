/** The oblivious function (RFC 9497, mode 0x00, ristretto255-SHA512): the server adds a key, and sees no input. */
import { ristretto255_oprf } from "@noble/curves/ed25519.js";

/** What is sent, and what only the client knows. */
export type Blinded = { blinded: Uint8Array; blind: Uint8Array };

export function blind(input: Uint8Array): Blinded {
  return ristretto255_oprf.oprf.blind(input);
}

/** 64 bytes; an element that is not canonical, or the identity, is an error (RFC 9497, section 2.1). */
export function finalize(input: Uint8Array, blind: Uint8Array, evaluated: Uint8Array): Uint8Array {
  return ristretto255_oprf.oprf.finalize(input, blind, evaluated);
}
