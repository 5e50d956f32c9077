/** Bytes as VP1 writes them: big-endian integers, `lp(x)` = two bytes of length and x, base64url without padding. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]));

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** An integer in `size` bytes, the highest first. */
export function integer(value: number | bigint, size: number): Uint8Array {
  let rest = BigInt(value);
  if (rest < 0n || rest >> BigInt(8 * size) !== 0n) throw new RangeError(`${value} does not fit ${size} bytes`);
  const bytes = new Uint8Array(size);
  for (let at = size - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** The integer that bytes are, the highest first. */
export function read(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** With its length before it; what is longer than 65,535 bytes is an error and never cut. */
export function lp(item: Uint8Array | string): Uint8Array {
  const bytes = typeof item === "string" ? utf8(item) : item;
  if (bytes.length > 0xffff) throw new RangeError("longer than 65,535 bytes");
  return concat(integer(bytes.length, 2), bytes);
}

export function toBase64url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const three = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let sextet = 0; sextet < Math.min(4, bytes.length - at + 1); sextet++) {
      text += ALPHABET[(three >> (18 - 6 * sextet)) & 63];
    }
  }
  return text;
}

/** Strict (RFC 4648, section 3.5): no padding, no other letters, no set bit beyond the last byte; `size` bytes. */
export function fromBase64url(text: string, size: number): Uint8Array {
  if (text.length !== Math.ceil((size * 4) / 3)) throw new RangeError(`not ${size} bytes in base64url`);
  const bytes = new Uint8Array(size);
  let [bits, held, at] = [0, 0, 0];
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) throw new RangeError("not base64url");
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  if ((held & ((1 << bits) - 1)) !== 0) throw new RangeError("not base64url: bits beyond the last byte");
  return bytes;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length !== b.length) throw new RangeError("lengths differ");
  return a.map((byte, at) => byte ^ b[at]);
}

/** How many bits are set. */
export function ones(bytes: Uint8Array): number {
  let count = 0;
  for (let byte of bytes) for (; byte; byte &= byte - 1) count++;
  return count;
}

export const random = (size: number): Uint8Array => crypto.getRandomValues(new Uint8Array(size));

/** Overwrites what is not needed any more. JavaScript may hold copies; it is the best that a page can do. */
export function wipe(...secrets: Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
