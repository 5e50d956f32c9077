/** A client of the vault's wire: the operations that carry VP1, as `/api/oidc` has them. */
import type { Secrets } from "./factors.ts";
import type { Keypad } from "./policy.ts";
import {
  type Asked,
  type EnrolAnswer,
  type EnrolExtra,
  type LoginExtra,
  answerLogin,
  beginEnrol,
  beginLogin,
  commit,
  forget,
} from "./vp1.ts";

export type VaultOptions = {
  /** Of the server, without a slash at its end: `https://id.example.com`. */
  server: string;
  tenant: string;
  /** The authorization request that a login or a registration belongs to, and whose it is. */
  request?: { auth_req_id: string; client_id: string };
  /** Of this page. Browsers say it themselves, and it is what proofs are bound to. */
  origin?: string;
  /** What the tenant asks for; unknown: what is handed over is taken as it is. */
  keypad?: Keypad;
  fetch?: typeof fetch;
};

/** Where an operation happens: inside the authorization request, or outside any. */
type Place = { tenant: string; client_id: string; auth_req_id: string; query: Record<string, string> };

/** The server's "no": its status, and what it said. */
export class Refused extends Error {
  override name = "Refused";
  readonly status: number;
  /** The body of the reply. */
  readonly detail: string;
  constructor(status: number, detail: string) {
    super(`the server refused: ${status}`);
    this.status = status;
    this.detail = detail;
  }
}

/** Width and height of the picture, which the report of a login names. */
type Dims = [number, number];
type ChallengeResponse = { challenge_data: string; proto_version: string; hpke_public_key?: string; kid?: string };

export class VaultClient {
  readonly #options: VaultOptions;
  readonly #origin: string;

  constructor(options: VaultOptions) {
    this.#options = options;
    this.#origin = options.origin ?? (typeof location === "undefined" ? "" : location.origin);
  }

  /** `here`: of the options, where the operation may belong to an authorization request. */
  #place(here: boolean): Place {
    const { tenant, request } = this.#options;
    if (!here || !request) return { tenant, client_id: "", auth_req_id: "", query: { tenant_id: tenant } };
    return { tenant, ...request, query: { auth_req_id: request.auth_req_id } };
  }

  async #send<T>(method: string, path: string, query: Record<string, string>, body: unknown, bearer?: string): Promise<T> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    // In a browser this word is its own to say, and is not taken from here.
    if (this.#origin !== "") headers["origin"] = this.#origin;
    if (bearer !== undefined) headers["authorization"] = `Bearer ${bearer}`;
    const url = new URL(`${this.#options.server}/api/oidc${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value);
    const init: RequestInit = { method, headers, body: JSON.stringify(body), credentials: "include", redirect: "error" };
    const reply = await (this.#options.fetch ?? fetch)(url, init);
    const text = await reply.text();
    if (!reply.ok) throw new Refused(reply.status, text);
    return (text === "" ? null : JSON.parse(text)) as T;
  }

  /** What the protocol needs besides what the wire carries. */
  async #asked(place: Place, username: string, purpose: string, cipherKey: string, secrets: Secrets): Promise<Asked> {
    const reply = await this.#send<ChallengeResponse>("POST", "/challenge", place.query, { username, cipherKey });
    const { tenant, client_id, auth_req_id } = place;
    const shape = { pin: secrets.pin.length || null, pattern: secrets.grid || null, order: [], show_pin: false };
    return { ...reply, purpose, tenant, username, client_id, auth_req_id, keypad: this.#options.keypad ?? shape };
  }

  async #commitment(place: Place, username: string, secrets: Secrets, purpose: string, extra: EnrolExtra): Promise<EnrolAnswer> {
    const { cipher_key, state } = await beginEnrol(secrets);
    try {
      return await commit(state, await this.#asked(place, username, purpose, cipher_key, secrets), this.#origin, extra);
    } finally {
      forget(state);
    }
  }

  async #proof(place: Place, username: string, secrets: Secrets, purpose: string, dims?: Dims, extra: LoginExtra = {}) {
    const { cipher_key, state } = await beginLogin(secrets);
    try {
      const asked = await this.#asked(place, username, purpose, cipher_key, secrets);
      return { cipherKey: cipher_key, ...(await answerLogin(state, asked, this.#origin, dims, extra)) };
    } finally {
      forget(state);
    }
  }

  /** A new account. The reply is the same where the name or the address is somebody's already. */
  async register(username: string, email: string, secrets: Secrets): Promise<void> {
    const place = this.#place(true);
    const commitment = await this.#commitment(place, username, secrets, "register", { email });
    await this.#send("POST", "/register", place.query, { username, email, ...commitment });
  }

  /** A nonce for `signInUrl`, and whether the address is still to be confirmed. */
  async authenticate(username: string, secrets: Secrets, dims?: Dims): Promise<{ nonce: string; need_verify: boolean }> {
    const place = this.#place(true);
    const answer = await this.#proof(place, username, secrets, "login", dims);
    // The challenge knows its tenant.
    const { tenant_id: _, ...query } = place.query;
    return this.#send("POST", "/authenticate", query, { username, ...answer });
  }

  /** Where this browser goes with the nonce: from there to the application, or, outside a request, it is signed in. */
  signInUrl(nonce: string): string {
    const url = new URL(`${this.#options.server}/api/oidc/sign-in`);
    url.searchParams.append("oid_nonce", nonce);
    const { request } = this.#options;
    if (request) url.searchParams.append("auth_req_id", request.auth_req_id);
    return url.href;
  }

  /** Proves who it is, and says where to go then. */
  async signIn(username: string, secrets: Secrets, dims?: Dims): Promise<string> {
    return this.signInUrl((await this.authenticate(username, secrets, dims)).nonce);
  }

  /** Mails a code, if there is such an account; the reply says nothing of that. */
  async requestReset(client_id: string, username: string, email: string): Promise<void> {
    const query = { client_id, tenant_id: this.#options.tenant };
    await this.#send("POST", "/request-reset-password", query, { username, email });
  }

  /** With the code of the mail. */
  async resetPassword(username: string, code: string, secrets: Secrets): Promise<void> {
    const commitment = await this.#commitment(this.#place(false), username, secrets, "reset", { code });
    await this.#send("POST", "/reset-password", {}, { code, username, ...commitment });
  }

  /** Of somebody who is signed in. */
  async changePassword(username: string, secrets: Secrets, bearer: string): Promise<void> {
    const commitment = await this.#commitment(this.#place(false), username, secrets, "change", {});
    await this.#send("POST", "/change-password", {}, commitment, bearer);
  }

  /** Of somebody who is signed in, and proves it anew. */
  async updateEmail(userId: string, username: string, email: string, secrets: Secrets, bearer: string): Promise<void> {
    const proof = await this.#proof(this.#place(false), username, secrets, "update-email", undefined, { email });
    const { challenge_id, challenge_data } = proof;
    const path = `/${encodeURIComponent(this.#options.tenant)}/users/${encodeURIComponent(userId)}/email`;
    await this.#send("PUT", path, {}, { challenge_id, challenge_data, email }, bearer);
  }
}
