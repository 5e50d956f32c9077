// A person with passkeys in Chromium: the keys are those of its virtual authenticators, everything else is as it is at
// home. Prints what was seen as one JSON object; the judging is in passkey.py.
//
// usage: node passkey.mjs URL < {"password": "…"}

import process from "node:process";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const url = new URL(process.argv[2]);
const { password } = JSON.parse(readFileSync(0, "utf8"));
// A page of the relying party: WebAuthn knows no addresses, only names.
const origin = `http://localhost:${url.port}`;
const USER = "admin";
const IDAAS = "/api/web/v2/authentication/users/authenticate";
const COMPLETE = "/api/web/v1/authentication/users/authenticate";

// Chromium's sandbox does not run as root; and its own errands (updates, QUIC) are no part of the test.
const flags = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
  ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
];

async function post(path, body, authorization) {
  const headers = { "content-type": "application/json" };
  if (authorization) headers.authorization = authorization;
  const reply = await fetch(url.origin + path, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: reply.status, body: await reply.json() };
}

// What a page does with the options: `change` is what a careless or hostile page does with them before.
const ask = (page, options, extra = {}) =>
  page.evaluate(async ([publicKey, more]) => {
    try {
      const read = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey);
      const credential = await navigator.credentials.get({ publicKey: read, ...more });
      return credential.toJSON();
    } catch (error) {
      return { error: error.name };
    }
  }, [options, extra]);

const make = (page, options) =>
  page.evaluate(async (publicKey) => {
    try {
      const read = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
      return (await navigator.credentials.create({ publicKey: read })).toJSON();
    } catch (error) {
      return { error: error.name };
    }
  }, options);

// Our own API.
const begun = async (body) => (await post("/auth/v1/login", body)).body.transaction;

async function challenged(transaction) {
  const { body } = await post("/auth/v1/login/passkey/challenge", { transaction });
  return { transaction: body.transaction, options: body.prompt.publicKey };
}

const answered = (transaction, credential) =>
  post("/auth/v1/login/passkey", { transaction, answer: { credential } });

async function afterPassword() {
  const transaction = await begun({ username: USER });
  const more = await post("/auth/v1/login/password", { transaction, answer: { password } });
  return more.body;
}

async function enrol(page, token, label) {
  const asked = await post("/auth/v1/enrol/passkey", { invite: { label } }, `Bearer ${token}`);
  const credential = await make(page, asked.body.invitation.publicKey);
  if (credential.error) return { status: 0, body: credential };
  const body = { transaction: asked.body.transaction, proof: { credential } };
  return post("/auth/v1/enrol/passkey/complete", body, `Bearer ${token}`);
}

async function first(page, change = {}, extra = {}, begin = {}) {
  const { transaction, options } = await challenged(await begun(begin));
  const credential = await ask(page, { ...options, ...change }, extra);
  return credential.error ? { status: 0, body: credential } : answered(transaction, credential);
}

async function second(page) {
  const more = await afterPassword();
  const { transaction, options } = await challenged(more.transaction);
  const done = await answered(transaction, await ask(page, options));
  return { ...done, next: more.next, allowed: options.allowCredentials.length };
}

// The IDaaS dialect: a client there knows neither relying party nor user verification from the challenge.
async function fido(page, challenge, userVerification) {
  const options = { challenge: challenge.challenge, timeout: challenge.timeoutMillis, userVerification };
  const ids = challenge.allowCredentials ?? [];
  options.allowCredentials = ids.map((id) => ({ type: "public-key", id }));
  const said = await ask(page, options);
  return { credentialId: said.id, ...said.response };
}

async function idaasPasskey(page, posed) {
  const fidoResponse = await fido(page, posed.fidoChallenge, "required");
  return post(`${COMPLETE}/PASSKEY/complete`, { fidoResponse }, posed.token);
}

async function idaasSecond(page) {
  const both = "PASSWORD_AND_SECONDFACTOR";
  const who = { applicationId: "default", userId: USER };
  const { body: one } = await post(`${IDAAS}/${both}`, who);
  const { body: more } = await post(`${COMPLETE}/${both}/complete`, { response: password }, one.token);
  const named = { secondFactorAuthenticator: "FIDO" };
  const { body: two } = await post(`${IDAAS}/${both}`, { ...who, ...named, authToken: more.token });
  const fidoResponse = await fido(page, two.fidoChallenge, "preferred");
  const done = await post(`${COMPLETE}/${both}/complete`, { ...named, fidoResponse }, two.token);
  return { ...done, available: more.availableSecondFactor };
}

// The virtual authenticators of Chromium's development protocol.
async function authenticators(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  return {
    cdp,
    add: async (options) => (await cdp.send("WebAuthn.addVirtualAuthenticator", { options })).authenticatorId,
  };
}

// A copy of the key that has been used less often.
async function turnedBack(cdp, authenticatorId) {
  const { credentials: [credential] } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
  await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId: credential.credentialId });
  await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...credential, signCount: 1 } });
  return credential.signCount;
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
try {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${origin}/healthz`);
  const { cdp, add } = await authenticators(page);
  const platform = await add({
    protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true,
    hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
  });
  const seen = {};
  const token = (await afterPassword()).access_token;
  seen.enrolled = await enrol(page, token, "Laptop");
  seen.again = await enrol(page, token, "Laptop");
  seen.discoverable = await first(page);
  seen.named = await first(page, {}, {}, { username: USER });
  seen.conditional = await first(page, {}, { mediation: "conditional" });
  seen.unverified = await first(page, { userVerification: "discouraged" });
  seen.second = await second(page);
  seen.idaas = await idaasPasskey(page, (await post(`${IDAAS}/PASSKEY`, { applicationId: "default" })).body);
  const deprecated = await post("/api/web/v1/authentication/passkey", { applicationId: "default" });
  seen.deprecated = await idaasPasskey(page, deprecated.body);
  seen.idaasSecond = await idaasSecond(page);
  seen.countedTo = await turnedBack(cdp, platform);
  seen.cloned = await first(page);
  await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: platform });
  // An old security key: no PIN, no memory.
  await add({ protocol: "u2f", transport: "usb", automaticPresenceSimulation: true });
  seen.stick = await enrol(page, seen.discoverable.body.access_token, "Old stick");
  seen.stickSecond = await second(page);
  console.log(JSON.stringify({ ...seen, tokens: [token] }));
} finally {
  await browser.close();
}
