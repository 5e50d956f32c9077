/** The other side of the protocol, as far as a client can tell: enough to hold both conversations. */
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { concat, fromBase64url, integer, lp, random, toBase64url, utf8 } from "../../src/bytes.ts";
import { context, enrolmentBinding, userId } from "../../src/context.ts";
import { type Keys, generateKeys, open, publicBytes, seal } from "../../src/hpke.ts";
import { keyId } from "../../src/messages.ts";
import { verify } from "../../src/proof.ts";
import type { Asked, EnrolAnswer, LoginAnswer } from "../../src/vp1.ts";

export const ORIGIN = "https://login.example.test";
const { oprf } = ristretto255_oprf;

/** What a server tells in a challenge, before it is sealed. */
export type Plain = {
  version: Uint8Array;
  id: Uint8Array;
  nonce: Uint8Array;
  issued: Uint8Array;
  ttl: Uint8Array;
  evaluated: Uint8Array;
  helper: Uint8Array;
};
type Open = { asked: Asked; cipherKey: Uint8Array; plain: Plain };

export class Server {
  X?: Uint8Array;
  helper: Uint8Array = random(309);
  #enrolled = oprf.generateKeyPair().secretKey;
  #enrolling = oprf.generateKeyPair().secretKey;
  #keys?: Keys;

  /** A challenge; `lie` changes what is in it. */
  async ask(cipher_key: string, words: Partial<Asked> = {}, lie: (plain: Plain) => void = () => {}): Promise<Open> {
    this.#keys ??= await generateKeys();
    const cipherKey = fromBase64url(cipher_key, 65);
    const [kind, epk, blinded] = [cipherKey[0], cipherKey.slice(1, 33), cipherKey.slice(33)];
    const plain: Plain = {
      version: Uint8Array.of(1),
      ...{ id: random(16), nonce: random(32), issued: integer(1_800_000_000, 8), ttl: integer(120, 4) },
      evaluated: oprf.blindEvaluate(kind === 1 ? this.#enrolled : this.#enrolling, blinded),
      helper: kind === 1 ? this.helper : random(309),
    };
    lie(plain);
    const to = await publicBytes(this.#keys);
    const asked: Asked = {
      ...{ challenge_data: "", proto_version: "vp1", purpose: kind === 1 ? "login" : "register" },
      ...{ tenant: "acme", username: "alice", client_id: "spa-1", auth_req_id: "ar-1" },
      keypad: { pin: 6, pattern: 3, order: ["PIN", "PATTERN"], show_pin: false },
      ...(kind === 2 && { hpke_public_key: toBase64url(to), kid: toBase64url(keyId(to)) }),
      ...words,
    };
    const aad = concat(lp(asked.tenant), lp(asked.username), lp(asked.auth_req_id), lp(cipherKey));
    asked.challenge_data = toBase64url(await seal(epk, utf8("VP1 challenge"), aad, concat(...Object.values(plain))));
    return { asked, cipherKey, plain };
  }

  #context({ asked, cipherKey, plain }: Open, binding: Uint8Array): Uint8Array {
    const { id: challenge_id, nonce } = plain;
    return context({
      ...asked,
      ...{ origin: ORIGIN, challenge_id, nonce, epk: cipherKey.slice(1, 33), issued: 1_800_000_000n, binding },
    });
  }

  /** Takes the commitment, where its proof is one for this address and code. */
  async enrol(challenge: Open, answer: EnrolAnswer, email = "", code = ""): Promise<boolean> {
    const bytes = fromBase64url(answer.encrypted_commitment, 479);
    const { asked } = challenge;
    const aad = [asked.purpose, asked.tenant, asked.username, email, "vp1", asked.auth_req_id].map(lp);
    const info = concat(utf8("VP1 commitment"), bytes.slice(1, 9));
    const text = await open(this.#keys as Keys, info, concat(...aad), bytes.slice(9));
    const [id, X, proof, helper] = [text.slice(1, 17), text.slice(17, 49), text.slice(49, 113), text.slice(113)];
    const ctx = this.#context(challenge, enrolmentBinding(email, helper, code));
    if (String(id) !== String(challenge.plain.id)) return false;
    if (!verify(X, userId(asked.tenant, asked.username), ctx, proof)) return false;
    [this.X, this.helper, this.#enrolled] = [X, helper, this.#enrolling];
    return true;
  }

  accepts(challenge: Open, answer: LoginAnswer, binding: Uint8Array = new Uint8Array()): boolean {
    const bytes = fromBase64url(answer.challenge_data, 65);
    const user = userId(challenge.asked.tenant, challenge.asked.username);
    const right = answer.challenge_id === toBase64url(challenge.plain.id) && bytes[0] === 1;
    return right && verify(this.X as Uint8Array, user, this.#context(challenge, binding), bytes.slice(1));
  }
}
