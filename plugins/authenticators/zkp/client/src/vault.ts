/** A client of the vault's wire: the operations that carry VP1, as `/api/oidc` has them. */
import { PROTO_VERSION } from "./messages.ts";
import type { Secrets } from "./factors.ts";
import { type Asked, type Keypad, type LoginExtra, answerLogin, beginEnrol, beginLogin, commit } from "./vp1.ts";

export type VaultOptions = {
  /** Of the server, without a slash at its end: `https://id.example.com`. */
  server: string;
  tenant: string;
  /** Whose authorization request it is; outside of one: "". */
  client_id?: string;
  auth_req_id?: string;
  /** Of this page. Browsers say it themselves, and it is what proofs are bound to. */
  origin?: string;
  /** What the tenant asks for; unknown: what is handed over is taken as it is. */
  keypad?: Keypad;
  fetch?: typeof fetch;
};

/** The server's "no": its status, and what it said. */
export class Refused extends Error {
  override name = "Refused";
  readonly status: number;
  readonly detail: unknown;
  constructor(status: number, detail: unknown) {
    super(`the server refused: ${status}`);
    this.status = status;
    this.detail = detail;
  }
}

type ChallengeResponse = { challenge_data: string; proto_version: string; hpke_public_key?: string; kid?: string };
type Commitment = { encrypted_commitment: string; proto_version: string };

export class VaultClient {
  readonly #options: VaultOptions;
  readonly #origin: string;

  constructor(options: VaultOptions) {
    this.#options = options;
    this.#origin = options.origin ?? (typeof location === "undefined" ? "" : location.origin);
  }

  async #send<T>(method: string, path: string, body: unknown, bearer?: string): Promise<T> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    // In a browser these words are its own to say, and are not taken from here.
    if (this.#origin !== "") headers["origin"] = this.#origin;
    if (bearer !== undefined) headers["authorization"] = `Bearer ${bearer}`;
    const { server, auth_req_id, fetch: own } = this.#options;
    const url = new URL(`${server}/api/oidc${path}`);
    if (auth_req_id) url.searchParams.append("auth_req_id", auth_req_id);
    const init: RequestInit = { method, headers, body: JSON.stringify(body), credentials: "include", redirect: "error" };
    const reply = await (own ?? fetch)(url, init);
    const text = await reply.text();
    const said: unknown = text === "" ? null : JSON.parse(text);
    if (!reply.ok) throw new Refused(reply.status, said);
    return said as T;
  }

  /** What the protocol needs besides what the wire carries. */
  async #asked(username: string, purpose: string, cipherKey: string, secrets: Secrets): Promise<Asked> {
    const { tenant, client_id = "", auth_req_id = "", keypad } = this.#options;
    const reply = await this.#send<ChallengeResponse>("POST", "/challenge", { username, cipherKey });
    const { pin, grid } = secrets;
    const shape = { pin: pin.length || null, pattern: grid || null, order: [], show_pin: false };
    return { ...reply, purpose, tenant, username, client_id, auth_req_id, keypad: keypad ?? shape };
  }

  async #commitment(username: string, secrets: Secrets, purpose: string, email = "", code = ""): Promise<Commitment> {
    const { cipher_key, state } = await beginEnrol(secrets);
    const asked = await this.#asked(username, purpose, cipher_key, secrets);
    return commit(state, asked, this.#origin, { email, code });
  }

  async #proof(username: string, secrets: Secrets, purpose: string, extra: LoginExtra) {
    const { cipher_key, state } = await beginLogin(secrets);
    const asked = await this.#asked(username, purpose, cipher_key, secrets);
    return { cipherKey: cipher_key, ...(await answerLogin(state, asked, this.#origin, extra.dims, extra)) };
  }

  /** A new account. The reply is the same where the name or the address is somebody's already. */
  async register(username: string, email: string, secrets: Secrets): Promise<void> {
    const commitment = await this.#commitment(username, secrets, "register", email);
    await this.#send("POST", "/register", { username, email, ...commitment });
  }

  /** A nonce for `signInUrl`, and whether the address is still to be confirmed. */
  async authenticate(username: string, secrets: Secrets, dims?: [number, number]): Promise<{ nonce: string; need_verify: boolean }> {
    const answer = await this.#proof(username, secrets, "login", dims ? { dims } : {});
    return this.#send("POST", "/authenticate", { username, ...answer });
  }

  /** Where a browser goes with the nonce; from there it is sent to the application. */
  signInUrl(nonce: string): string {
    const url = new URL(`${this.#options.server}/api/oidc/sign-in`);
    url.searchParams.append("oid_nonce", nonce);
    url.searchParams.append("auth_req_id", this.#options.auth_req_id ?? "");
    return url.href;
  }

  /** Proves who it is and says where to go then. */
  async signIn(username: string, secrets: Secrets, dims?: [number, number]): Promise<string> {
    return this.signInUrl((await this.authenticate(username, secrets, dims)).nonce);
  }

  /** With the code of the message. */
  async resetPassword(username: string, code: string, secrets: Secrets): Promise<void> {
    const commitment = await this.#commitment(username, secrets, "reset", "", code);
    await this.#send("POST", "/reset-password", { code, username, ...commitment });
  }

  /** Of somebody who is signed in. */
  async changePassword(username: string, secrets: Secrets, bearer: string): Promise<void> {
    const commitment = await this.#commitment(username, secrets, "change");
    await this.#send("POST", "/change-password", commitment, bearer);
  }

  /** Of somebody who is signed in, and proves it anew. */
  async updateEmail(userId: string, username: string, email: string, secrets: Secrets, bearer: string): Promise<void> {
    const { challenge_id, challenge_data } = await this.#proof(username, secrets, "update-email", { email });
    const path = `/${encodeURIComponent(this.#options.tenant)}/users/${encodeURIComponent(userId)}/email`;
    await this.#send("PUT", path, { challenge_id, challenge_data, email }, bearer);
  }
}

export { PROTO_VERSION };
