/** Sealing (RFC 9180, base mode, single shot): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305. */
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite } from "@hpke/core";
import { DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/dhkem-x25519";
import { concat } from "./bytes.ts";

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});

/** The bytes alone: a view may be a part of something larger. */
const buffer = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer;

/** A key of one challenge. */
export type Keys = CryptoKeyPair;

export const generateKeys = (): Promise<Keys> => suite.kem.generateKeyPair();

export async function publicBytes(keys: Keys): Promise<Uint8Array> {
  return new Uint8Array(await suite.kem.serializePublicKey(keys.publicKey));
}

export async function keysOf(secret: Uint8Array, open: Uint8Array): Promise<Keys> {
  return {
    privateKey: await suite.kem.importKey("raw", buffer(secret), false),
    publicKey: await suite.kem.deserializePublicKey(buffer(open)),
  };
}

/** `sealed` is the encapsulated key and what it hides. */
export async function open(keys: Keys, info: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
  const recipientKey = keys.privateKey;
  const enc = buffer(sealed.subarray(0, 32));
  const text = await suite.open({ recipientKey, enc, info: buffer(info) }, buffer(sealed.subarray(32)), buffer(aad));
  return new Uint8Array(text);
}

export async function seal(to: Uint8Array, info: Uint8Array, aad: Uint8Array, text: Uint8Array): Promise<Uint8Array> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(buffer(to));
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: buffer(info) }, buffer(text), buffer(aad));
  return concat(new Uint8Array(enc), new Uint8Array(ct));
}
