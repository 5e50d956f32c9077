// An application with @gatewright/vp1: registers, logs in and changes things as it is told, with pictures of files.

import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { serve } from "./kit/program.mjs";

const [server] = process.argv.slice(2);
const PACKAGE = new URL("../../plugins/authenticators/zkp/client/", import.meta.url);
const vp1 = await import(new URL("lib/index.js", PACKAGE));
const jpeg = createRequire(new URL("package.json", PACKAGE))("jpeg-js");

const codec = {
  async open(bytes) {
    const { width, height, data } = jpeg.decode(bytes, { useTArray: true });
    return { width, height, rows: (to) => to(data), close() {} };
  },
};

async function secrets({ picture, pin, cells }) {
  const file = new Uint8Array(readFileSync(new URL(`test/pictures/${picture}`, PACKAGE)));
  const { bits, width, height } = await vp1.bitsOf(file, codec);
  return [{ bits, pin, grid: 3, cells }, [width, height]];
}

// Cookies, as a browser keeps them for one host.
const cookies = new Map();
async function browse(url, init = {}) {
  const headers = new Headers(init.headers);
  headers.set("cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
  const reply = await fetch(url, { ...init, headers, redirect: "manual" });
  for (const cookie of reply.headers.getSetCookie()) {
    const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
    cookies.set(name, value);
  }
  return reply;
}

let request;
const vault = (more = {}) =>
  new vp1.VaultClient({ server, tenant: "default", origin: server, fetch: browse, ...(request && { request }), ...more });

// The status that the server refused with; anything else is a failure.
async function refusal(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    if (error instanceof vp1.Refused) return { status: error.status, detail: error.detail };
    throw error;
  }
}

async function post(path, body) {
  const headers = { "content-type": "application/json", origin: server };
  const reply = await fetch(`${server}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!reply.ok) throw Object.assign(new Error(`${path}: ${reply.status} ${await reply.text()}`), { status: reply.status });
  return reply.json();
}

const verifier = randomBytes(32).toString("base64url");

await serve({
  async register({ name, email, secret }) {
    await vault().register(name, email, (await secrets(secret))[0]);
  },
  async login({ name, secret }) {
    return vault().authenticate(name, ...(await secrets(secret)));
  },
  // From a page of somebody else's, which brings no cookies along.
  async refused({ name, secret, origin }) {
    return refusal(vault(origin && { origin, fetch }).authenticate(name, ...(await secrets(secret))));
  },
  // Where the browser gets with a nonce.
  async spend({ nonce }) {
    const reply = await browse(vault().signInUrl(nonce));
    return { status: reply.status, to: reply.headers.get("location") };
  },
  // An application sends its user to the login page: the request that this is.
  async authorize({ client_id, redirect_uri }) {
    const url = new URL(`${server}/api/oidc/default/authorize`);
    const code_challenge = createHash("sha256").update(verifier).digest("base64url");
    const asked = { client_id, redirect_uri, response_type: "code", scope: "openid", state: "s", nonce: "n" };
    for (const [key, value] of Object.entries({ ...asked, code_challenge, code_challenge_method: "S256" })) url.searchParams.set(key, value);
    const reply = await browse(url);
    const to = new URL(reply.headers.get("location"), server);
    request = { client_id, auth_req_id: to.searchParams.get("auth_req_id") };
    return { status: reply.status, to: to.href };
  },
  async token({ code, client_id, redirect_uri }) {
    const body = new URLSearchParams({ grant_type: "authorization_code", code, client_id, redirect_uri, code_verifier: verifier });
    const reply = await fetch(`${server}/api/oidc/default/token`, { method: "POST", body });
    return reply.json();
  },
  async leave() {
    request = undefined;
    cookies.clear();
  },
  async lost({ client_id, name, email }) {
    await vault().requestReset(client_id, name, email);
  },
  async reset({ name, code, secret }) {
    return refusal(vault().resetPassword(name, code, (await secrets(secret))[0]));
  },
  async change({ name, secret, token }) {
    return refusal(vault().changePassword(name, (await secrets(secret))[0], token));
  },
  async email({ id, name, email, secret, token }) {
    return refusal(vault().updateEmail(id, name, email, (await secrets(secret))[0], token));
  },
  // The same factor at our own API, without the vault's wire.
  async native({ name, secret }) {
    const [known, dims] = await secrets(secret);
    const { transaction } = await post("/auth/v1/login", { username: name });
    const { cipher_key, state } = await vp1.beginLogin(known);
    const asked = await post("/auth/v1/login/zkp/challenge", { transaction, begin: { cipher_key } });
    const answer = await vp1.answerLogin(state, asked.prompt, server, dims);
    return post("/auth/v1/login/zkp", { transaction: asked.transaction, answer });
  },
});
