// People whose secret is a picture with a PIN and a pattern, on the hosted pages in Chromium. Prints what was seen as one JSON
// object; the judging is in zkp_pages.py.
//
// usage: node zkp_pages.mjs URL FOLDER < {"bob": {"username": "…", "password": "…", "email": "…"}}
//        prints a line {"mail": "ADDRESS", "for": "code" or "link"} when it needs a mail, and reads {"text": "…"} from a line

import process from "node:process";
import { createInterface } from "node:readline";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { Looker } from "./kit/look.mjs";
import { photographs, refusable } from "./kit/pictures.mjs";

const [, , given, folder] = process.argv;
const input = createInterface({ input: process.stdin });
const lines = input[Symbol.asyncIterator]();
const line = async () => JSON.parse((await lines.next()).value);
const { bob } = await line();
const site = `http://localhost:${new URL(given).port}`;
const APPLICATION = "https://harbour.example/callback";
const CAROL = { username: "carol", email: "carol@example.org", pin: "739104", cells: [0, 1, 4, 5, 8] };

const eye = new Looker(site, folder, { foreign: [APPLICATION] });
const { steps } = eye.seen;
let photos;

const press = (page, name) => page.getByRole("button", { name, exact: true }).first().click();
const at = (page) => new URL(page.url()).pathname;
const mail = async (address, what) => {
  console.log(JSON.stringify({ mail: address, for: what }));
  return (await line()).text;
};

async function named(page, username, query = "") {
  await page.goto(`${site}/ui/default/login${query}`);
  await page.getByLabel("User name or e-mail address").fill(username);
  await press(page, "Continue");
}

// To the way with the picture, from whichever way stands first.
async function toPicture(page) {
  if (await page.locator("[data-module]").count()) return;
  await page.getByText("Try another way").click();
  await press(page, "Secret picture");
}

async function picture(page, file, name) {
  await page.locator("[data-module] input[type=file]").setInputFiles(file);
  await page.getByText("This picture can be used.").waitFor();
  if (name) await eye.look(page, name);
  await press(page, "Continue");
}

async function pin(page, digits) {
  await page.getByLabel("PIN, 6 digits").waitFor();
  for (const digit of digits) await page.locator(".vp1-pad").getByRole("button", { name: digit, exact: true }).click();
  await press(page, "Continue");
}

// With a pointer that is held.
async function draw(page, cells) {
  const points = page.locator(".vp1-point");
  const middle = async (cell) => {
    const box = await points.nth(cell).boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  await points.first().scrollIntoViewIfNeeded();
  await page.mouse.move(...(await middle(cells[0])));
  await page.mouse.down();
  for (const cell of cells.slice(1)) await page.mouse.move(...(await middle(cell)), { steps: 5 });
  await page.mouse.up();
}

async function pattern(page, cells) {
  await draw(page, cells);
  await press(page, "Continue");
}

// All of it; what comes then is another page.
async function enter(page, file, digits, cells) {
  const gone = page.locator("[data-module]").elementHandle();
  await picture(page, file);
  await pin(page, digits);
  await pattern(page, cells);
  await (await gone).waitForElementState("hidden", { timeout: 60_000 }).catch(() => {});
  await page.waitForLoadState();
}

async function choose(page, file, digits, cells) {
  await picture(page, file);
  for (let round = 0; round < 2; round++) await pin(page, digits);
  for (let round = 0; round < 2; round++) await pattern(page, cells);
}

const authorize = () => `${site}/api/oidc/default/authorize?${new URLSearchParams({
  client_id: "harbour", response_type: "code", scope: "openid", state: "x", nonce: "n-7", redirect_uri: APPLICATION,
  code_challenge_method: "S256", code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
})}`;

// RFC 7636, appendix B.
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

async function idToken(page) {
  await page.waitForURL(`${APPLICATION}?**`, { timeout: 60_000 });
  const code = new URL(page.url()).searchParams.get("code");
  const body = new URLSearchParams({
    grant_type: "authorization_code", code, client_id: "harbour", redirect_uri: APPLICATION, code_verifier: VERIFIER,
  });
  const reply = await fetch(`${site}/api/oidc/default/token`, { method: "POST", body });
  const { id_token: token } = await reply.json();
  const described = await fetch(`${site}/api/oidc/default/.well-known/openid-configuration`);
  const { issuer, jwks_uri: keys } = await described.json();
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(keys)), { issuer, audience: "harbour" });
  return { amr: payload.amr, nonce: payload.nonce, sub: payload.sub };
}

async function applicationsWindow() {
  const page = await eye.window();
  await page.route(`${APPLICATION}**`, (route) => route.fulfill({ contentType: "text/html", body: "<title>Harbour</title>" }));
  return page;
}

// Out of an application's request: an account is made, and the login goes on.
async function register() {
  const page = await applicationsWindow();
  await page.goto(authorize());
  await eye.look(page, "login");
  await page.getByRole("link", { name: "Create an account" }).click();
  await eye.look(page, "register");
  await page.getByLabel("User name", { exact: true }).fill(CAROL.username);
  await page.getByLabel("E-mail address").fill("no address");
  await press(page, "Continue");
  steps.address = await page.getByRole("alert").innerText();
  await eye.look(page, "register-wrong");
  await page.getByLabel("User name", { exact: true }).fill(CAROL.username);
  await page.getByLabel("E-mail address").fill(CAROL.email);
  await press(page, "Continue");
  await eye.look(page, "register-picture");
  await refuse(page);
  await picture(page, photos.original, "register-picture-chosen");
  await weak(page);
  await page.waitForURL("**/ui/default/login**notice=registered**", { timeout: 60_000 });
  steps.registered = await page.getByRole("status").innerText();
  await eye.look(page, "registered");
  const link = await mail(CAROL.email, "link");
  await login(page, link);
}

async function refuse(page) {
  steps.refused = {};
  for (const [name, file] of Object.entries(refusable(photos))) {
    await page.locator("[data-module] input[type=file]").setInputFiles(file);
    const alert = page.locator("[data-module] [role=alert]");
    await alert.waitFor();
    steps.refused[name] = await alert.innerText();
  }
  await eye.look(page, "picture-refused");
}

// What everybody tries first is not taken, and a slip of the hand is noticed.
async function weak(page) {
  const alert = page.locator("[data-module] [role=alert]");
  await eye.look(page, "choose-pin");
  await pin(page, "123456");
  steps.weakPin = await alert.last().innerText();
  await press(page, "Clear");
  await pin(page, CAROL.pin);
  await pin(page, "739105");
  steps.otherPin = await alert.first().innerText();
  await eye.look(page, "pin-differs");
  await pin(page, CAROL.pin);
  await pin(page, CAROL.pin);
  await eye.look(page, "choose-pattern");
  await pattern(page, [0, 4, 8]);
  steps.weakPattern = await alert.last().innerText();
  await press(page, "Clear");
  await draw(page, CAROL.cells);
  await eye.look(page, "choose-pattern-drawn");
  steps.attributes = await page.locator("[data-module]").evaluate((stage) => stage.outerHTML.includes("739104"));
  await press(page, "Continue");
  await pattern(page, CAROL.cells);
}

// With a copy of the picture as a messenger makes it. Afterwards the mail's link confirms the address.
async function login(page, link) {
  await page.getByLabel("User name or e-mail address").fill(CAROL.username);
  await press(page, "Continue");
  await toPicture(page);
  await eye.look(page, "picture");
  await picture(page, photos.recompressed, "picture-chosen");
  await eye.look(page, "pin");
  await pin(page, CAROL.pin);
  await eye.look(page, "pattern");
  await pattern(page, CAROL.cells);
  await page.waitForURL((url) => url.href.startsWith(APPLICATION) || url.pathname.endsWith("/consent"), { timeout: 60_000 });
  if (at(page).endsWith("/consent")) await press(page, "Allow");
  steps.idToken = await idToken(page);
  await page.goto(link);
  await press(page, "Confirm");
  steps.verified = await page.getByRole("status").innerText();
  await eye.look(page, "account");
  steps.parts = await page.locator(".items li").first().innerText();
}

// A wrong PIN, pattern, picture, and a name that nobody has: one page.
async function wrong() {
  const { pin: digits, cells } = CAROL;
  const tries = {
    pin: [CAROL.username, photos.original, "739105", cells],
    pattern: [CAROL.username, photos.original, digits, [0, 1, 4, 3, 6]],
    picture: [CAROL.username, photos.other, digits, cells],
    nobody: ["nobody-at-all", photos.original, digits, cells],
  };
  steps.wrong = {};
  for (const [what, [username, ...secrets]] of Object.entries(tries)) {
    const page = await eye.window();
    await named(page, username);
    await toPicture(page);
    await enter(page, ...secrets);
    await page.getByRole("alert").first().waitFor();
    const said = await page.locator("main").innerText();
    steps.wrong[what] = said.replace(username, "NAME");
    if (what === "pin") await eye.look(page, "wrong");
    await page.context().close();
  }
}

// Nothing but the keyboard, from the name to the account.
async function keyboard() {
  const page = await eye.window();
  const key = (name) => page.keyboard.press(name);
  const tabTo = async (found) => {
    for (let presses = 0; presses < 40; presses++) {
      if (await found.evaluate((element) => element === document.activeElement).catch(() => false)) return;
      await key("Tab");
    }
    throw new Error("the tabulator does not lead there");
  };
  // Heard of from the beginning: what is opened before the browser knows that somebody listens goes to nobody.
  const chooser = new Promise((chosen) => page.once("filechooser", chosen));
  await page.goto(`${site}/ui/default/login`);
  // The field has the focus by itself; a moment after the page is there.
  await page.locator("#username:focus").waitFor();
  await page.keyboard.type(CAROL.username);
  await key("Enter");
  await tabTo(page.getByText("Try another way"));
  await key("Enter");
  await tabTo(page.getByRole("button", { name: "Secret picture" }));
  await key("Enter");
  await page.locator("[data-module] h2").waitFor();
  // In the middle of it the page is loaded again.
  await page.reload();
  await tabTo(page.locator("[data-module] input[type=file]"));
  await key("Enter");
  await (await chooser).setFiles(photos.original);
  await page.getByText("This picture can be used.").waitFor();
  await key("Enter");
  await tabTo(page.getByLabel("PIN, 6 digits"));
  await page.keyboard.type(CAROL.pin);
  await key("Enter");
  await tabTo(page.locator(".vp1-point").first());
  // A point too many is taken back: 0, 1, (2), 4, 5, 8.
  for (const name of ["Enter", "ArrowRight", "Space", "ArrowRight", "Enter", "Backspace"]) await key(name);
  for (const name of ["ArrowDown", "ArrowLeft", "Enter", "ArrowRight", "Space", "ArrowDown", "Enter"]) await key(name);
  steps.spoken = await page.locator(".vp1-said[role=status]").innerText();
  await tabTo(page.getByRole("button", { name: "Continue" }));
  await key("Enter");
  await page.waitForURL("**/account**", { timeout: 60_000 });
  steps.keyboard = at(page);
}

// Somebody with a password sets a picture up beside it, replaces it, loses it and replaces it by mail.
async function beside() {
  const page = await eye.window();
  await named(page, bob.username);
  await page.getByLabel("Password", { exact: true }).fill(bob.password);
  await press(page, "Sign in");
  await press(page, "Add: Secret picture");
  await eye.look(page, "set-up");
  await choose(page, photos.original, "804213", [0, 3, 4, 7]);
  await page.waitForURL("**/account**", { timeout: 60_000 });
  steps.added = await page.getByRole("status").innerText();
  await press(page, "Replace: Secret picture");
  await choose(page, photos.other, "951740", [2, 4, 7, 8]);
  await page.waitForURL("**/account**", { timeout: 60_000 });
  steps.replaced = await page.getByRole("status").innerText();
  await page.context().close();
}

async function lost() {
  const page = await eye.window();
  await named(page, bob.username);
  await toPicture(page);
  await page.getByRole("link", { name: "Forgot your password, or lost something else?" }).click();
  steps.lost = await page.getByLabel("What have you lost?").inputValue();
  await eye.look(page, "lost");
  await page.getByLabel("User name or e-mail address").fill(bob.username);
  await press(page, "Continue");
  await press(page, "Send");
  await page.getByLabel("Code").fill(await mail(bob.email, "code"));
  await press(page, "Continue");
  await eye.look(page, "lost-new");
  await choose(page, photos.other, "260837", [6, 4, 1, 2]);
  await page.waitForURL("**notice=replaced**", { timeout: 60_000 });
  steps.reset = await page.getByRole("status").innerText();
  await named(page, bob.username);
  await toPicture(page);
  await enter(page, photos.other, "260837", [6, 4, 1, 2]);
  await page.waitForURL("**/account**", { timeout: 60_000 });
  steps.afterReset = at(page);
}

// A photograph that is taken here must be saved before anything rests on it.
async function camera() {
  const page = await eye.window({ permissions: ["camera"], locale: "de-DE" });
  await page.goto(`${site}/ui/default/register`);
  await page.getByLabel("Benutzername").fill("dora");
  await page.getByLabel("E-Mail-Adresse").fill("dora@example.org");
  await press(page, "Weiter");
  await eye.look(page, "german");
  await press(page, "Mit der Kamera aufnehmen");
  await page.getByRole("button", { name: "Aufnehmen", exact: true }).waitFor();
  await eye.look(page, "camera");
  await press(page, "Aufnehmen");
  // The camera of a test shows a drawing; whatever is said of it, it is said.
  const said = page.locator("[data-module] [role=alert]:visible, [data-module] a[download]");
  await said.first().waitFor();
  steps.camera = await said.first().innerText();
  steps.next = await page.getByRole("button", { name: "Weiter", exact: true }).isVisible();
}

async function withoutScript() {
  const page = await eye.window({ javaScriptEnabled: false });
  await named(page, CAROL.username);
  await page.getByText("Try another way").click();
  await press(page, "Secret picture");
  steps.noScript = await page.locator("noscript").innerText();
}

// With what the last page said: an alert tells more than a time that is over.
async function failed(story, error) {
  const pages = eye.browser.contexts().flatMap((context) => context.pages());
  const said = await pages.at(-1)?.locator("main").innerText().catch(() => "");
  throw new Error(`${story}: ${error.message}\n${said}`, { cause: error });
}

await eye.start("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream");
try {
  const blank = await eye.window();
  photos = await photographs(blank);
  for (const story of [register, wrong, keyboard, beside, lost, camera, withoutScript]) {
    await story().catch((error) => failed(story.name, error));
  }
  console.log(JSON.stringify(eye.seen));
} finally {
  input.close();
  await eye.browser.close();
}
