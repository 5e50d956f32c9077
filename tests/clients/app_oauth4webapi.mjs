// An application, and an API that takes its tokens, with oauth4webapi, which takes nothing that the RFCs don't allow. It
// does what app_oauth4webapi.py tells it; what came of it is judged there.

import * as oauth from "oauth4webapi";
import { serve, visit } from "./kit/program.mjs";

const REDIRECT = "https://app.example/callback";
// http is for one's own machine.
const insecure = { [oauth.allowInsecureRequests]: true };

let as;
// By client_id: who this application is, its key, and what it got there last.
const clients = {};
const keys = {};
const last = {};

const dpop = (client, key) => (key ? { DPoP: oauth.DPoP(clients[client].client, key) } : {});

// Asks the token endpoint and reads the answer as the library says it must be.
async function granted(client, request, process) {
  const { client: self, proof } = clients[client];
  const reply = await request(as, self, proof);
  const cached = reply.headers.get("cache-control");
  const tokens = await process(as, self, reply);
  if (tokens.id_token) await oauth.validateApplicationLevelSignature(as, reply, insecure);
  return { ...tokens, cached, claims: oauth.getValidatedIdTokenClaims(tokens) };
}

async function asked(client, { pushed, signed, bound, ...parameters }) {
  const { client: self, proof } = clients[client];
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const key = bound ? await oauth.generateKeyPair(bound) : undefined;
  let request = new URLSearchParams({
    client_id: client, redirect_uri: REDIRECT, response_type: "code", scope: "openid email", state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", ...parameters,
  });
  if (signed) {
    const object = await oauth.issueRequestObject(as, self, request, { key: keys[client].privateKey, kid: client });
    request = new URLSearchParams({ client_id: client, request: object });
  }
  if (pushed) {
    const options = { ...insecure, ...dpop(client, key) };
    const reply = await oauth.pushedAuthorizationRequest(as, self, proof, request, options);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(as, self, reply);
    request = new URLSearchParams({ client_id: client, request_uri });
  }
  const ended = await visit(`${as.authorization_endpoint}?${request}`);
  if (!ended.at) throw Object.assign(new Error(`no answer, but ${ended.status}: ${ended.text}`), { status: ended.status });
  return { answer: oauth.validateAuthResponse(as, self, new URL(ended.at), state), verifier, nonce, key };
}

function exchange(client, { answer, verifier, nonce, key }, { redirect = REDIRECT, pkce = verifier } = {}) {
  const options = { ...insecure, ...dpop(client, key) };
  return granted(
    client,
    (as, self, proof) => oauth.authorizationCodeGrantRequest(as, self, proof, answer, redirect, pkce, options),
    (as, self, reply) => oauth.processAuthorizationCodeResponse(as, self, reply, { expectedNonce: nonce, requireIdToken: true }),
  );
}

await serve({
  async discover({ issuer }) {
    const url = new URL(issuer);
    const documents = {};
    for (const algorithm of ["oidc", "oauth2"]) {
      const reply = await oauth.discoveryRequest(url, { algorithm, ...insecure });
      documents[algorithm] = await oauth.processDiscoveryResponse(url, reply);
    }
    as = documents.oidc;
    return documents;
  },

  async key({ client, algorithm }) {
    keys[client] = await oauth.generateKeyPair(algorithm, { extractable: true });
    const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey("jwk", keys[client].publicKey);
    return { keys: [{ kty, crv, x, y, n, e, kid: client, use: "sig", alg: algorithm }] };
  },

  client({ client, secret, post, signs, ...metadata }) {
    const proof = signs ? oauth.PrivateKeyJwt({ key: keys[client].privateKey, kid: client })
      : secret ? (post ? oauth.ClientSecretPost : oauth.ClientSecretBasic)(secret) : oauth.None();
    clients[client] = { client: { client_id: client, ...metadata }, proof };
  },

  async login({ client, ...request }) {
    const begun = await asked(client, request);
    const tokens = await exchange(client, begun);
    last[client] = { ...begun, tokens };
    return tokens;
  },

  // Up to the code, and then as somebody would who has stolen it, or forgets something.
  async mistaken({ client, redirect, verifier, other, ...request }) {
    const begun = await asked(client, request);
    const pkce = verifier === "none" ? oauth.nopkce : verifier === "other" ? oauth.generateRandomCodeVerifier() : begun.verifier;
    return exchange(other ?? client, begun, { redirect, pkce });
  },

  refresh: ({ client, ...parameters }) =>
    granted(
      client,
      (as, self, proof) => {
        const { tokens, key } = last[client];
        const options = { ...insecure, ...dpop(client, key), additionalParameters: parameters };
        return oauth.refreshTokenGrantRequest(as, self, proof, tokens.refresh_token, options);
      },
      oauth.processRefreshTokenResponse,
    ).then((tokens) => {
      last[client].tokens = tokens;
      return tokens;
    }),

  itself: ({ client, bound, ...parameters }) =>
    granted(
      client,
      async (as, self, proof) => {
        last[client] = { key: bound && (await oauth.generateKeyPair(bound)) };
        const options = { ...insecure, ...dpop(client, last[client].key) };
        return oauth.clientCredentialsGrantRequest(as, self, proof, new URLSearchParams(parameters), options);
      },
      oauth.processClientCredentialsResponse,
    ).then((tokens) => {
      last[client].tokens = tokens;
      return tokens;
    }),

  // An API judges a token by the keys of its server alone (RFC 9068).
  async judge({ token, scheme, audience, client }) {
    const url = "https://api.example/things";
    const headers = { authorization: `${scheme ?? "Bearer"} ${token}` };
    const key = client && last[client].key;
    if (!key) return oauth.validateJwtAccessToken(as, new Request(url, { headers }), audience, insecure);
    // The library makes the proof with the request that it would send.
    let sent;
    const options = {
      ...insecure, ...dpop(client, key),
      [oauth.customFetch]: async (at, { headers, method }) => {
        sent = new Request(at, { headers, method });
        return new Response(null, { status: 204 });
      },
    };
    await oauth.protectedResourceRequest(token, "GET", new URL(url), undefined, undefined, options);
    return oauth.validateJwtAccessToken(as, sent, audience, { ...insecure, requireDPoP: true });
  },

  async userinfo({ client, token }) {
    const { tokens, key } = last[client];
    const self = clients[client].client;
    const reply = await oauth.userInfoRequest(as, self, token ?? tokens.access_token, { ...insecure, ...dpop(client, key) });
    return oauth.processUserInfoResponse(as, self, tokens.claims?.sub ?? oauth.skipSubjectCheck, reply);
  },

  async introspect({ client, token }) {
    const { client: self, proof } = clients[client];
    const reply = await oauth.introspectionRequest(as, self, proof, token, insecure);
    return oauth.processIntrospectionResponse(as, self, reply);
  },

  async revoke({ client, token }) {
    const { client: self, proof } = clients[client];
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, self, proof, token, insecure));
  },

  async device({ client, scope }) {
    const { client: self, proof } = clients[client];
    const reply = await oauth.deviceAuthorizationRequest(as, self, proof, new URLSearchParams({ scope }), insecure);
    return oauth.processDeviceAuthorizationResponse(as, self, reply);
  },

  poll: ({ client, device_code }) =>
    granted(
      client,
      (as, self, proof) => oauth.deviceCodeGrantRequest(as, self, proof, device_code, insecure),
      oauth.processDeviceCodeResponse,
    ),

  visit: ({ url }) => visit(url),

  exchange: ({ client, ...parameters }) =>
    granted(
      client,
      (as, self, proof) => {
        const type = "urn:ietf:params:oauth:grant-type:token-exchange";
        return oauth.genericTokenEndpointRequest(as, self, proof, type, new URLSearchParams(parameters), insecure);
      },
      oauth.processGenericTokenEndpointResponse,
    ),

  // A request that the library would not make; the answer as it is.
  async raw({ endpoint, form, headers }) {
    const reply = await fetch(as[endpoint], { method: "POST", headers, body: new URLSearchParams(form) });
    return { status: reply.status, headers: Object.fromEntries(reply.headers), body: await reply.json() };
  },
});
