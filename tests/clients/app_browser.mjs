// A page that logs people in with oidc-client-ts, in Chromium; app_browser.py says what is done, and judges what is seen.
// The page is served from here, so that its origin is none of the provider's: as `localhost` it is of the same site (ports
// make none), as `127.0.0.1` of another.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import process from "node:process";
import { chromium } from "playwright-core";
import { serve } from "./kit/program.mjs";

const installed = (path) => readFileSync(new URL(`./node_modules/${path}`, import.meta.url));
const PATIENCE_MS = 20_000;

// What `gatewright client add --for oidc-client-ts` has printed.
let printed = "";

const PAGE = `<!doctype html><html lang="en"><title>Application</title>
<script type="importmap">{"imports": {"oidc-client-ts": "/oidc-client-ts.js", "jwt-decode": "/jwt-decode.js"}}</script>
<script type="module" src="/page.js"></script>`;

// The printed settings as they are, or with another origin and what a test wants besides.
const SCRIPT = `import * as library from "oidc-client-ts";
import { users } from "/settings.js";
const at = (path) => location.origin + path;
const { authority, client_id, scope } = users.settings;
const places = { redirect_uri: at("/callback"), post_logout_redirect_uri: at("/bye") };
const own = { authority, client_id, scope, ...places, loadUserInfo: true };
const bound = { dpop: { bind_authorization_code: true, store: new library.IndexedDbDPoPStore() }, loadUserInfo: false };
window.manager = (how) => how === "printed" ? users : new library.UserManager({ ...own, ...(how === "bound" && bound) });
const word = sessionStorage.getItem("how") ?? "own";
window.users = window.manager(word);
const told = (user) => {
  if (!user) return null;
  const { profile, token_type, scope, access_token, refresh_token } = user;
  return { profile, token_type, scope, access_token, refresh_token };
};
window.attempt = async (action) => {
  try {
    return { user: told(await action()) };
  } catch (error) {
    return { error: error.error ?? error.name, message: error.message };
  }
};
if (location.pathname === "/callback") window.answer = window.attempt(() => window.users.signinCallback());
if (location.pathname === "/bye") window.answer = window.attempt(() => window.users.signoutCallback().then(() => null));
window.ready = true;`;

const library = installed("oidc-client-ts/dist/esm/oidc-client-ts.js");
const decoder = installed("jwt-decode/build/esm/index.js");
const FILES = {
  "/oidc-client-ts.js": ["text/javascript", () => library],
  "/jwt-decode.js": ["text/javascript", () => decoder],
  "/settings.js": ["text/javascript", () => printed],
  "/page.js": ["text/javascript", () => SCRIPT],
};

// Forms that came to the application.
const posts = [];

const server = createServer(async (request, response) => {
  let text = "";
  for await (const part of request) text += part;
  if (request.method === "POST") posts.push(Object.fromEntries(new URLSearchParams(text)));
  const [kind, body] = FILES[new URL(request.url, "http://localhost").pathname] ?? ["text/html; charset=utf-8", () => PAGE];
  response.writeHead(200, { "content-type": kind, "cache-control": "no-store" });
  response.end(body());
});

// What another application was told by frames, on https; and the server that hears it.
const framed = [];
let listener;

const flags = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
  ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
];
let browser;
let context;
let page;
// The page has another origin than its opener's at times; what it complains of is told.
let complaints = [];

const settled = (where) => where.waitForFunction(() => window.ready, undefined, { timeout: PATIENCE_MS });

// Somebody fills in whatever is shown, until the browser is at the application again.
async function fill(where, origin, { username, password, agrees }) {
  const shown = where.locator('input[name="username"], input[type="password"], form[action$="/do/agree"]').first();
  for (let turn = 0; turn < 6; turn += 1) {
    const home = where.waitForURL(`${origin}/**`, { timeout: PATIENCE_MS }).then(() => "home", () => "closed");
    const due = shown.waitFor({ timeout: PATIENCE_MS }).then(() => "form", () => "nothing");
    if (where.isClosed() || (await Promise.race([home, due])) !== "form") return;
    if (await where.locator('form[action$="/do/agree"]').count()) {
      const verdict = agrees === false ? "deny" : "agree";
      await left(where, () => where.locator(`form[action$="/do/${verdict}"] button`).click());
    } else if (await where.locator('input[type="password"]').count()) {
      await where.fill('input[type="password"]', password);
      await left(where, () => where.locator('form[action$="/do/answer"] button[type="submit"]').first().click());
    } else {
      await where.fill('input[name="username"]', username);
      await left(where, () => where.locator('form:has(input[name="username"]) button[type="submit"]').click());
    }
  }
}

// Goes on when the page has been left: in a popup that may be its end.
async function left(where, action) {
  const gone = Promise.race([where.waitForEvent("framenavigated"), where.waitForEvent("close")]).catch(() => null);
  await action();
  await gone;
}

async function open(origin, how) {
  await page.goto(`${origin}/`);
  await page.evaluate((word) => sessionStorage.setItem("how", word), how ?? "own");
  await page.reload();
  await settled(page);
}

async function answered() {
  await settled(page);
  return page.evaluate(() => window.answer);
}

await serve({
  async start({ cert, key }) {
    listener = createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
      framed.push(request.url);
      response.end();
    });
    for (const one of [server, listener]) await new Promise((listens) => one.listen(0, "127.0.0.1", listens));
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
    return [server.address().port, listener.address().port];
  },

  framed: () => framed.splice(0),

  settings({ text }) {
    printed = text;
  },

  // Another profile, which knows nobody.
  async profile() {
    await context?.close();
    context = await browser.newContext({ locale: "en-GB", ignoreHTTPSErrors: true });
    page = await context.newPage();
    page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
  },

  async redirect({ origin, how, who }) {
    await open(origin, how);
    await page.evaluate(() => void window.users.signinRedirect());
    await page.waitForURL((url) => !url.href.startsWith(`${origin}/?`) && url.href !== `${origin}/`, { timeout: PATIENCE_MS });
    await fill(page, origin, who);
    return answered();
  },

  async popup({ origin, how, who }) {
    await open(origin, how);
    const opened = context.waitForEvent("page", { timeout: PATIENCE_MS });
    await page.evaluate(() => void (window.result = window.attempt(() => window.users.signinPopup())));
    await fill(await opened, origin, who);
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, { error: "nothing came back from the popup" }));
    return Promise.race([page.evaluate(() => window.result), late]);
  },

  // With the refresh token where there is one, or in a frame, without a page.
  async silent({ origin, how, frame }) {
    await open(origin, how);
    const [by, tokens] = [frame, { silentRequestTimeoutInSeconds: 8 }];
    return page.evaluate(
      ([forceIframeAuth, more]) => window.attempt(() => window.users.signinSilent({ forceIframeAuth, ...more })), [by, tokens],
    );
  },

  // A message from the popup itself, with no page of the application in it: what the library has nothing for.
  async message({ origin, redirect }) {
    await open(origin);
    return page.evaluate(async ([redirect_uri, patience]) => {
      const base64url = (bytes) => {
        const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
        return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
      };
      const code_verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
      const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code_verifier)));
      const { authority, client_id } = window.users.settings;
      const found = await (await fetch(`${authority}/.well-known/openid-configuration`)).json();
      const query = new URLSearchParams({
        client_id, redirect_uri, response_type: "code", response_mode: "web_message", scope: "openid", state: "s", nonce: "n",
        code_challenge: challenge, code_challenge_method: "S256",
      });
      const popup = window.open(`${found.authorization_endpoint}?${query}`, "message", "width=500,height=600");
      const told = await new Promise((resolve) => {
        addEventListener("message", ({ data, origin }) => {
          if (data?.type === "authorization_response") resolve({ origin, ...data });
        });
        setTimeout(resolve, patience, null);
      });
      popup.close();
      if (!told) return null;
      const grant = { grant_type: "authorization_code", code: told.response.code };
      const body = new URLSearchParams({ ...grant, redirect_uri, client_id, code_verifier });
      const reply = await fetch(found.token_endpoint, { method: "POST", body });
      return { ...told, tokens: await reply.json() };
    }, [redirect, 6000]);
  },

  // The answer comes to the application's own server, by a form that the browser sends by itself.
  async form({ origin, parameters }) {
    await open(origin);
    const { authority } = await page.evaluate(() => window.users.settings);
    posts.length = 0;
    await page.goto(`${authority}/authorize?${new URLSearchParams(parameters)}`);
    await page.waitForURL(`${origin}/callback`, { timeout: PATIENCE_MS });
    return posts;
  },

  // What a script of another origin may read; "hidden": the browser hides it.
  async reads({ origin, requests }) {
    await open(origin);
    return page.evaluate(
      (all) => Promise.all(all.map(async ([url, init]) => {
        try {
          const reply = await fetch(url, init);
          return { status: reply.status, challenge: reply.headers.get("www-authenticate") };
        } catch {
          return "hidden";
        }
      })),
      requests,
    );
  },

  async revoke({ origin, how }) {
    await open(origin, how);
    return page.evaluate(() => window.attempt(() => window.users.revokeTokens().then(() => null)));
  },

  async logout({ origin, how }) {
    await open(origin, how);
    await page.evaluate(() => void window.users.signoutRedirect());
    await page.waitForURL(`${origin}/bye**`, { timeout: PATIENCE_MS });
    return { ...(await answered()), url: page.url() };
  },

  complaints() {
    const all = complaints;
    complaints = [];
    return all;
  },
});
await browser?.close();
server.close();
listener?.close();
