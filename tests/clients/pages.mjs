// A person on the hosted pages in Chromium. Each page that is seen is held against axe-core and photographed, light and dark,
// narrow and wide. Prints what was seen as one JSON object; the judging is in pages.py.
//
// usage: node pages.mjs URL FOLDER < {"username": "…", "password": "…"}
//        prints a line {"mail": true} when it needs the code that was mailed, and reads it from a line

import process from "node:process";
import { createInterface } from "node:readline";
import { createHmac } from "node:crypto";
import { Looker } from "./kit/look.mjs";

const [, , given, folder] = process.argv;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const line = async () => JSON.parse((await lines.next()).value);
const { username, password, email } = await line();
// WebAuthn knows no addresses, only names.
const site = `http://localhost:${new URL(given).port}`;
// The page that says what went wrong has the status of what went wrong, which the browser notes.
const eye = new Looker(site, folder, { noted: (place) => place.includes("/ui/default/error?") });
const { seen } = eye;
const look = (page, name) => eye.look(page, name);

const submit = (page, name) => page.getByRole("button", { name, exact: true }).first().click();
const heading = (page) => page.locator("h1").innerText();
const at = (page) => new URL(page.url()).pathname;

async function login(page, word = password, look_at = false) {
  await page.goto(`${site}/ui/default/login`);
  if (look_at) await look(page, "login");
  await page.getByLabel("User name or e-mail address").fill(username);
  await submit(page, "Continue");
  if (look_at) await look(page, "password");
  await page.getByLabel("Password", { exact: true }).fill(word);
  await submit(page, "Sign in");
}

// RFC 6238, as an app does it.
function totp(secret) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = mac[19] & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// The next code: one that was used is not good again.
async function fresh(secret, used) {
  while (totp(secret) === used) await new Promise((resolve) => setTimeout(resolve, 500));
  return totp(secret);
}

async function virtual(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true,
    hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
  } });
  return cdp;
}

async function withPassword(page) {
  await page.goto(`${site}/ui/default/login`);
  await page.getByLabel("User name or e-mail address").fill(username);
  await submit(page, "Continue");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await submit(page, "Sign in");
  await look(page, "wrong");
  const field = page.getByLabel("Password", { exact: true });
  seen.steps.wrong = {
    alert: await page.getByRole("alert").innerText(),
    described: await field.getAttribute("aria-describedby"),
    invalid: await field.getAttribute("aria-invalid"),
  };
  await field.fill(password);
  await submit(page, "Sign in");
  seen.steps.password = at(page);
  await look(page, "account");
}

async function setUpApp(page) {
  await submit(page, "Add: Authenticator app");
  await look(page, "totp");
  const secret = await page.locator("code").first().innerText();
  const code = totp(secret);
  await page.getByLabel("Code").fill(code);
  await submit(page, "Finish");
  seen.steps.app = await page.getByRole("status").innerText();
  return [secret, code];
}

async function recoveryCodes(page) {
  await submit(page, "Add: Recovery code");
  await submit(page, "Create");
  await look(page, "codes");
  seen.steps.codes = await page.locator("ul.codes code").count();
  const shown = page.url();
  await page.getByRole("link", { name: "Continue" }).click();
  await page.goto(shown);
  seen.steps.codesAgain = await page.locator("ul.codes code").count();
}

async function passkey(page) {
  await page.goto(`${site}/ui/default/account`);
  const cdp = await virtual(page);
  await submit(page, "Add: Passkey");
  await look(page, "passkey-new");
  await submit(page, "Create");
  await page.waitForURL("**/account**");
  seen.steps.passkey = await page.getByRole("status").innerText();
  return cdp;
}

// Without a name: by the button, and from the list that the browser shows beside the field.
async function withPasskey(page) {
  await submit(page, "Sign out");
  await page.waitForURL("**/login**");
  await page.waitForURL("**/account**", { timeout: 20_000 });
  seen.steps.conditional = at(page);
}

async function second(secret, used) {
  const page = await eye.window();
  await login(page);
  seen.steps.second = await heading(page);
  await look(page, "second");
  await page.getByText("Try another way").click();
  await look(page, "other-ways");
  await page.getByRole("button", { name: "Authenticator app" }).click();
  await page.getByLabel("Code").fill(await fresh(secret, used));
  await submit(page, "Continue");
  seen.steps.secondDone = at(page);
  seen.steps.sessions = await page.locator("section").nth(1).locator("ul.items > li").count();
  await submit(page, "Sign out everywhere else");
  seen.steps.sessionsAfter = await page.locator("section").nth(1).locator("ul.items > li").count();
  return page;
}

async function lost() {
  const page = await eye.window();
  await page.goto(`${site}/ui/default/login`);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await look(page, "reset");
  await page.getByLabel("User name or e-mail address").fill(email.username);
  await submit(page, "Continue");
  await look(page, "reset-send");
  await submit(page, "Send");
  console.log(JSON.stringify({ mail: true }));
  const { code } = await line();
  await look(page, "reset-code");
  await page.getByLabel("Code").fill(code);
  await submit(page, "Continue");
  await page.getByLabel("New password").fill("quince");
  await look(page, "new-password");
  seen.steps.strength = await page.locator(".strength [role=status]").innerText();
  await page.getByLabel("New password").fill(email.password);
  await submit(page, "Finish");
  seen.steps.reset = await page.getByRole("status").innerText();
  await look(page, "changed");
}

async function withoutScript() {
  const page = await eye.window({ javaScriptEnabled: false });
  await page.goto(`${site}/ui/default/login`);
  await page.getByLabel("User name or e-mail address").fill(email.username);
  await submit(page, "Continue");
  await page.getByLabel("Password", { exact: true }).fill(email.password);
  await submit(page, "Sign in");
  seen.steps.noScript = at(page);
  await page.goto(`${site}/ui/default/logout`);
  await submit(page, "Sign out");
  seen.steps.noScriptOut = await page.getByRole("status").innerText();
}

async function others() {
  const page = await eye.window();
  await login(page, "not the password", true);
  await page.goto(`${site}/ui/default/login?ui_locales=de`);
  await look(page, "german");
  await page.goto(`${site}/ui/default/error?code=declined`);
  await look(page, "error");
}

// An application sends somebody here, and a device shows a code.
async function applications() {
  const page = await eye.window();
  await login(page);
  const query = new URLSearchParams({
    client_id: "harbour", response_type: "code", scope: "openid profile email offline_access stock.read", state: "x",
    redirect_uri: "https://harbour.example/callback", code_challenge_method: "S256",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  });
  await page.goto(`${site}/api/oidc/default/authorize?${query}`);
  seen.steps.consent = await page.locator(".who").innerText();
  await look(page, "consent");
  await page.goto(`${page.url()}&ui_locales=de`);
  await look(page, "consent-german");
  const reply = await fetch(`${site}/api/oidc/default/device_authorization`, {
    method: "POST", body: new URLSearchParams({ client_id: "harbour", scope: "openid profile email" }),
  });
  const { user_code: code } = await reply.json();
  await page.goto(`${site}/ui/default/device?ui_locales=en`);
  await look(page, "device");
  await page.getByLabel("Code of the device").fill("BCDF-GHJK");
  await submit(page, "Continue");
  await look(page, "device-unknown");
  await page.goto(`${site}/ui/default/device?user_code=${code}`);
  await look(page, "device-filled");
  await submit(page, "Continue");
  await look(page, "device-asks");
  await submit(page, "Allow");
  seen.steps.device = await page.getByRole("status").innerText();
  await look(page, "device-allowed");
  await page.goto(`${site}/ui/default/verify?token=no-token-at-all`);
  await look(page, "verify");
}

await eye.start();
try {
  await others();
  await applications();
  const page = await eye.window();
  await withPassword(page);
  const [secret, used] = await setUpApp(page);
  await recoveryCodes(page);
  await passkey(page);
  await withPasskey(page);
  const beside = await second(secret, used);
  await beside.goto(`${site}/ui/default/logout`);
  await look(beside, "logout");
  await page.goto(`${site}/ui/default/account`);
  seen.steps.ended = at(page);
  await lost();
  await withoutScript();
  console.log(JSON.stringify(seen));
} finally {
  await eye.browser.close();
}
