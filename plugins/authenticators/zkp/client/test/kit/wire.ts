/** The vault's wire as far as VP1 is on it, around `Server`: what is sent, and what is expected, is compared here. */
import assert from "node:assert/strict";
import { lp, toBase64url } from "../../src/bytes.ts";
import { ORIGIN, Server } from "./server.ts";

type Sent = { path: string; query: Record<string, string>; body: Record<string, never>; bearer: string | null };

export class Wire {
  readonly server = new Server();
  readonly sent: Sent[] = [];
  /** What the next challenge is for. */
  purpose = "login";
  #challenge?: Awaited<ReturnType<Server["ask"]>>;

  readonly fetch: typeof fetch = async (input, init = {}) => {
    const url = new URL(String(input));
    const headers = new Headers(init.headers);
    assert.equal(headers.get("origin"), ORIGIN);
    assert.equal(headers.get("content-type"), "application/json");
    const body = JSON.parse(String(init.body));
    const path = url.pathname.replace("/api/oidc", "");
    this.sent.push({ path, query: Object.fromEntries(url.searchParams), body, bearer: headers.get("authorization") });
    return this.#reply(path, body, url.searchParams);
  };

  async #reply(path: string, body: Record<string, string>, query: URLSearchParams): Promise<Response> {
    if (path === "/challenge") {
      const auth_req_id = query.get("auth_req_id") ?? "";
      const words = { purpose: this.purpose, username: body["username"], auth_req_id, client_id: auth_req_id && "spa-1" };
      this.#challenge = await this.server.ask(body["cipherKey"], words);
      const { challenge_data, proto_version, hpke_public_key, kid } = this.#challenge.asked;
      return Response.json({ challenge_data, proto_version, hpke_public_key, kid });
    }
    const challenge = this.#challenge;
    assert.ok(challenge, "nothing was asked");
    const commitment = { encrypted_commitment: body["encrypted_commitment"], proto_version: "vp1" as const };
    const answer = { challenge_id: body["challenge_id"], challenge_data: body["challenge_data"] };
    const binding = path.endsWith("/email") ? lp(body["email"]) : new Uint8Array();
    const accepted = commitment.encrypted_commitment
      ? await this.server.enrol(challenge, commitment, body["email"], body["code"])
      : this.server.accepts(challenge, answer, binding);
    if (!accepted) return Response.json({ detail: [{ loc: ["body"], msg: "refused", type: "value_error" }] }, { status: 422 });
    if (path !== "/authenticate") return Response.json(null, { status: path === "/register" ? 201 : 200 });
    assert.equal(body["cipherKey"], toBase64url(challenge.cipherKey));
    return Response.json({ nonce: "gwn_nonce", need_verify: true });
  }
}
