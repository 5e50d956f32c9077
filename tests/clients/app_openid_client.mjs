// An application with openid-client, which checks everything that a client is to check. It does what app_openid_client.py
// tells it; what came of it is judged there.

import * as oidc from "openid-client";
import { serve, visit } from "./kit/program.mjs";

const REDIRECT = "https://app.example/callback";
const BYE = "https://app.example/bye";
// http is for one's own machine; and what comes over it is judged by its signature.
const insecure = { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] };

// By client_id: who this application is, its key, and what it got there last.
const configs = {};
const keys = {};
const last = {};

const seen = (tokens) => ({ ...tokens, claims: tokens.claims?.() });
const handle = (client, key) => (key ? { DPoP: oidc.getDPoPHandle(configs[client], key) } : undefined);

// Sends somebody to log in: the address with the answer, and what it must fit.
async function asked(client, { pushed, signed, ...parameters } = {}, options) {
  const config = configs[client];
  const verifier = oidc.randomPKCECodeVerifier();
  const request = {
    redirect_uri: REDIRECT, scope: "openid profile email", state: oidc.randomState(), nonce: oidc.randomNonce(),
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", ...parameters,
  };
  const checks = {
    pkceCodeVerifier: verifier, expectedState: request.state, expectedNonce: request.nonce, idTokenExpected: true,
    ...(parameters.max_age !== undefined && { maxAge: Number(parameters.max_age) }),
  };
  let to = oidc.buildAuthorizationUrl(config, request);
  if (signed) to = await oidc.buildAuthorizationUrlWithJAR(config, request, keys[client].privateKey);
  if (pushed) to = await oidc.buildAuthorizationUrlWithPAR(config, request, options);
  last[client] = { ...last[client], to };
  const ended = await visit(to);
  if (!ended.at) throw Object.assign(new Error(`no answer, but ${ended.status}: ${ended.text}`), { status: ended.status });
  if (!ended.form) return { answer: new URL(ended.at), checks };
  // As its own server would be handed the form.
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { answer: new Request(ended.at, { method: "POST", headers, body: new URLSearchParams(ended.form) }), checks };
}

// A key of a client, and what is registered of it.
async function made(client, algorithm) {
  keys[client] = await oidc.randomDPoPKeyPair(algorithm, { extractable: true });
  const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey("jwk", keys[client].publicKey);
  return { keys: [{ kty, crv, x, y, n, e, kid: client, use: "sig", alg: algorithm }] };
}

await serve({
  key: ({ client, algorithm }) => made(client, algorithm),

  async discover({ issuer, client, secret, signs, metadata }) {
    const proof = signs ? oidc.PrivateKeyJwt({ key: keys[client].privateKey, kid: client }) : secret ? undefined : oidc.None();
    configs[client] = await oidc.discovery(new URL(issuer), client, { client_secret: secret, ...metadata }, proof, insecure);
    return configs[client].serverMetadata();
  },

  async login({ client, bound, ...request }) {
    const key = bound ? await oidc.randomDPoPKeyPair(bound) : undefined;
    const options = handle(client, key);
    const { answer, checks } = await asked(client, request, options);
    const tokens = await oidc.authorizationCodeGrant(configs[client], answer, checks, undefined, options);
    last[client] = { ...last[client], answer, checks, tokens, key };
    return seen(tokens);
  },

  // The same code once more.
  async replay({ client }) {
    const { answer, checks } = last[client];
    return seen(await oidc.authorizationCodeGrant(configs[client], answer, checks));
  },

  // The address that somebody was sent to once more.
  again: ({ client }) => visit(last[client].to),

  async userinfo({ client, token, plain }) {
    const { tokens, key } = last[client];
    const options = plain ? undefined : handle(client, key);
    return oidc.fetchUserInfo(configs[client], token ?? tokens.access_token, tokens.claims().sub, options);
  },

  async refresh({ client, token, other }) {
    const key = other ? await oidc.randomDPoPKeyPair() : last[client].key;
    const used = token ?? last[client].tokens.refresh_token;
    const tokens = await oidc.refreshTokenGrant(configs[client], used, undefined, handle(client, key));
    last[client].tokens = tokens;
    return { ...seen(tokens), used };
  },

  introspect: ({ client, token }) => oidc.tokenIntrospection(configs[client], token),

  revoke: ({ client, token }) => oidc.tokenRevocation(configs[client], token),

  itself: async ({ client, ...parameters }) => seen(await oidc.clientCredentialsGrant(configs[client], parameters)),

  // A device shows where to go, and waits until somebody has been there.
  async device({ client, scope }) {
    const shown = await oidc.initiateDeviceAuthorization(configs[client], { scope });
    const signal = AbortSignal.timeout(30_000);
    const [tokens, ended] = await Promise.all([
      oidc.pollDeviceAuthorizationGrant(configs[client], shown, undefined, { signal }),
      visit(shown.verification_uri_complete),
    ]);
    return { ...seen(tokens), shown, ended };
  },

  async register({ issuer, token, metadata }) {
    const options = { ...insecure, initialAccessToken: token };
    const config = await oidc.dynamicClientRegistration(new URL(issuer), metadata, undefined, options);
    configs[config.clientMetadata().client_id] = config;
    return config.clientMetadata();
  },

  // RFC 7592, for which the library has nothing.
  async manage({ uri, token, method, body }) {
    const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) };
    const reply = await fetch(uri, { method, headers, body: body && JSON.stringify(body) });
    return { status: reply.status, body: reply.status === 204 ? null : await reply.json() };
  },

  async logout({ client, state, hinted }) {
    const hint = hinted === false ? { client_id: client } : { id_token_hint: last[client].tokens.id_token };
    return visit(oidc.buildEndSessionUrl(configs[client], { ...hint, post_logout_redirect_uri: BYE, state }));
  },
});
