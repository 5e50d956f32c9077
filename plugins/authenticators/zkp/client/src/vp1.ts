/** The two conversations of VP1: sign in, and enrol. Each is one question and one answer. */
import { equal, fromBase64url, lp, ones, random, toBase64url, wipe, xor } from "./bytes.ts";
import { context, enrolmentBinding, userId } from "./context.ts";
import { type Secrets, factors } from "./factors.ts";
import { ALGORITHM, readHelper, writeHelper } from "./helper.ts";
import { type Keys, generateKeys, publicBytes } from "./hpke.ts";
import * as messages from "./messages.ts";
import { type Blinded, blind, finalize } from "./oprf.ts";
import { type Keypad, misfits, weaknesses } from "./policy.ts";
import { commitment, noProof, prove } from "./proof.ts";
import * as rs from "./rs.ts";
import { mask, prk, scalar } from "./schedule.ts";
import { COST, acceptable, stretch } from "./stretch.ts";

export type { Secrets } from "./factors.ts";
export type { Keypad } from "./policy.ts";

/** What the server says when it is asked; what is not there is "". */
export type Asked = {
  challenge_data: string;
  proto_version: string;
  purpose: string;
  tenant: string;
  username: string;
  client_id: string;
  auth_req_id: string;
  keypad: Keypad;
  /** Only to enrol: the key that the commitment is sealed for, and its id. */
  hpke_public_key?: string;
  kid?: string;
};

/** What is wrong with the server's side of the conversation: nothing that a person could type differently. */
export class ProtocolError extends Error {
  override name = "ProtocolError";
}

/** What must not be enrolled, and why: of `policy.ts`. */
export class PolicyError extends Error {
  override name = "PolicyError";
  readonly reasons: string[];
  constructor(reasons: string[]) {
    super(`not to be enrolled: ${reasons.join(", ")}`);
    this.reasons = reasons;
  }
}

/** What is kept between question and answer. Good for one answer; then it is wiped. */
export type State = {
  readonly keys: Keys;
  readonly epk: Uint8Array;
  readonly cipherKey: Uint8Array;
  readonly blinded: Blinded;
  readonly factors: Uint8Array;
  readonly bits: Uint8Array;
  /** What the keypad of a tenant is held against. */
  readonly shape: { pin: number; grid: number };
  spent: boolean;
};
export type LoginState = State & { readonly kind: 1 };
export type EnrolState = State & { readonly kind: 2 };

async function begin<K extends messages.Kind>(kind: K, secrets: Secrets) {
  if (secrets.bits.length !== 255) throw new RangeError("a picture has 255 bytes of bits");
  const input = factors(secrets);
  const keys = await generateKeys();
  const epk = await publicBytes(keys);
  const blinded = blind(input);
  const cipherKey = messages.cipherKeyBytes(kind, epk, blinded.blinded);
  const shape = { pin: secrets.pin.length, grid: secrets.grid };
  const state = { kind, keys, epk, cipherKey, blinded, factors: input, bits: secrets.bits.slice(), shape, spent: false };
  return { cipher_key: toBase64url(cipherKey), state };
}

export function beginLogin(secrets: Secrets): Promise<{ cipher_key: string; state: LoginState }> {
  return begin(1, secrets);
}

/** What everybody tries first is refused here, before anything is sent. */
export async function beginEnrol(secrets: Secrets): Promise<{ cipher_key: string; state: EnrolState }> {
  const reasons = weaknesses(secrets);
  if (reasons.length) throw new PolicyError(reasons);
  return begin(2, secrets);
}

/** Takes the state for the one answer that it is good for. */
async function openWith(state: State, asked: Asked): Promise<messages.Challenge> {
  if (state.spent) throw new ProtocolError("this challenge has been answered, or was given up");
  state.spent = true;
  if (asked.proto_version !== messages.PROTO_VERSION) {
    throw new ProtocolError(`the server speaks ${asked.proto_version}, this client ${messages.PROTO_VERSION}`);
  }
  try {
    return await messages.openChallenge(asked.challenge_data, state.keys, asked, state.cipherKey);
  } catch (cause) {
    throw new ProtocolError("the challenge is not for this question", { cause });
  }
}

/** Ends a state that nothing is answered with any more, because the question failed or the page goes. Answering does it too. */
export function forget(state: State): void {
  state.spent = true;
  wipe(state.factors, state.bits, state.blinded.blind);
}

async function secretOf(state: State, evaluated: Uint8Array, salt: Uint8Array, cost = COST): Promise<Uint8Array> {
  const y = finalize(state.factors, state.blinded.blind, evaluated);
  try {
    const stretched = await stretch(y, salt, cost);
    const key = prk(y, stretched);
    wipe(stretched);
    return key;
  } finally {
    wipe(y);
  }
}

/** How far the picture was from the enrolled one. */
export type Ber = {
  ber: { count_bits: number; error_bits: number; BER_PERCENT: string };
  image_dim?: [number, number];
  algorithm_version: string;
};
export type LoginAnswer = { challenge_id: string; challenge_data: string; ber?: Ber };

function report(errors: number, dims?: [number, number]): Ber {
  const ber = { count_bits: 2040, error_bits: errors, BER_PERCENT: ((100 * errors) / 2040).toFixed(2) };
  return { ber, ...(dims && { image_dim: dims }), algorithm_version: ALGORITHM };
}

/** What the proof is for besides what was asked: the new address of `update-email`. */
export type LoginExtra = { email?: string };

/**
 * The answer. Where PIN, pattern or picture are not those that were enrolled, it is random and the server refuses it: a
 * client that sent anything fixed instead would hand a lying server something to try PINs on.
 */
export async function answerLogin(
  state: LoginState,
  asked: Asked,
  origin: string,
  dims?: [number, number],
  extra: LoginExtra = {},
): Promise<LoginAnswer> {
  const secret: Uint8Array[] = [];
  try {
    const challenge = await openWith(state, asked);
    const challenge_id = toBase64url(challenge.id);
    const helper = readHelper(challenge.helper);
    if (!acceptable(helper.cost)) throw new ProtocolError("the server asks for Argon2id with unacceptable numbers");
    const key = await secretOf(state, challenge.evaluated, helper.salt, helper.cost);
    const received = xor(xor(helper.sketch, mask(key, ALGORITHM)), state.bits);
    secret.push(key, received);
    const word = rs.decode(received);
    if (!word) return { challenge_id, challenge_data: messages.answerText(noProof()) };
    secret.push(word);
    const x = scalar(key, word.subarray(0, 63), challenge.helper);
    const ctx = context({
      ...asked,
      ...{ origin, challenge_id: challenge.id, nonce: challenge.nonce, epk: state.epk, issued: challenge.issued },
      binding: extra.email === undefined ? new Uint8Array() : lp(extra.email),
    });
    const proof = prove(x, userId(asked.tenant, asked.username), ctx);
    const ber = report(ones(xor(word, received)), dims);
    return { challenge_id, challenge_data: messages.answerText(proof), ber };
  } catch (error) {
    throw error instanceof ProtocolError ? error : new ProtocolError("the challenge can't be answered", { cause: error });
  } finally {
    wipe(...secret);
    forget(state);
  }
}

export type EnrolExtra = { email?: string; code?: string };
export type EnrolAnswer = { encrypted_commitment: string; proto_version: "vp1" };

/** The key that the commitment is sealed for, which must be the one that its id says. */
function serverKey(asked: Asked): Uint8Array {
  if (!asked.hpke_public_key) throw new ProtocolError("the server sent no key to seal for");
  const key = fromBase64url(asked.hpke_public_key, 32);
  if (asked.kid !== undefined && !equal(messages.keyId(key), fromBase64url(asked.kid, 8))) {
    throw new ProtocolError("the key's id is another");
  }
  return key;
}

/** Everything that is new: salt, word of the code, and with them the scalar. */
async function enrolled(state: State, evaluated: Uint8Array) {
  const salt = random(16);
  const key = await secretOf(state, evaluated, salt);
  const cover = mask(key, ALGORITHM);
  for (;;) {
    const message = random(63);
    const sketch = xor(xor(state.bits, rs.encode(message)), cover);
    const helper = writeHelper({ salt, cost: COST, sketch });
    const x = scalar(key, message, helper);
    if (x === 0n) continue;
    wipe(key, message, cover);
    return { helper, x };
  }
}

/** The commitment: what the server keeps, with a proof that whoever sends it knows what is behind. */
export async function commit(
  state: EnrolState,
  asked: Asked,
  origin: string,
  { email = "", code = "" }: EnrolExtra = {},
): Promise<EnrolAnswer> {
  try {
    const reasons = misfits(asked.keypad, state.shape);
    if (reasons.length) throw new PolicyError(reasons);
    const key = serverKey(asked);
    const challenge = await openWith(state, asked);
    const { helper, x } = await enrolled(state, challenge.evaluated);
    const binding = enrolmentBinding(email, helper, code, asked.purpose === "reset");
    const ctx = context({
      ...asked,
      ...{ origin, challenge_id: challenge.id, nonce: challenge.nonce, epk: state.epk, issued: challenge.issued },
      binding,
    });
    const proof = prove(x, userId(asked.tenant, asked.username), ctx);
    const of = { purpose: asked.purpose, email, challenge_id: challenge.id, X: commitment(x), proof, helper };
    return { encrypted_commitment: await messages.sealCommitment(key, asked, of), proto_version: "vp1" };
  } catch (error) {
    const known = error instanceof ProtocolError || error instanceof PolicyError;
    throw known ? error : new ProtocolError("the challenge can't be answered", { cause: error });
  } finally {
    forget(state);
  }
}
