/** The module of the hosted pages in Chromium, under their rules, with the server played: what is left when something fails. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Page, Route } from "playwright-core";
import { random } from "../src/bytes.ts";
import { writeHelper } from "../src/helper.ts";
import { COST } from "../src/stretch.ts";
import { type Opened, openScript } from "./kit/browser.ts";
import { Server } from "./kit/server.ts";

const KEYPAD = { pin: 6, pattern: null, order: ["PIN"], show_pin: false };

declare global {
  /** Every copy that was made of the bits of a picture. */
  var copies: Uint8Array[];
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

function body(asked?: object): string {
  const form = (action: string) =>
    `<form method="post" action="/do/${action}"><input type="hidden" name="flow" value="f"><input type="hidden" name="json"></form>`;
  const told = asked ? ` data-asked="${escaped(JSON.stringify(asked))}"` : "";
  const stage = `data-way="zkp" data-stand="login" data-keypad="${escaped(JSON.stringify(KEYPAD))}"${told}`;
  return `<main><div data-module ${stage}></div></main>${form("ask")}${form("answer")}`;
}

let opened: Opened;
let page: Page;
const answers: string[] = [];

before(async () => {
  opened = await openScript("src/main.ts", body());
  page = opened.page;
  await page.addInitScript(() => {
    globalThis.copies = [];
    const { slice } = Uint8Array.prototype;
    Uint8Array.prototype.slice = function (this: Uint8Array, ...range: Parameters<typeof slice>) {
      const made = slice.apply(this, range);
      if (made.length === 255) globalThis.copies.push(made);
      return made;
    } as typeof slice;
  });
  await page.route("**/do/answer", async (route) => {
    answers.push(new URLSearchParams(route.request().postData() ?? "").get("json") ?? "");
    await route.fulfill({ contentType: "text/html", body: "<title>answered</title>" });
  });
});
after(() => opened.close());
beforeEach(async () => {
  answers.length = 0;
  await page.unroute("**/do/ask");
  await page.goto(new URL("/", page.url()).href);
});

const press = (name: string) => page.getByRole("button", { name, exact: true }).click();

async function enter(): Promise<void> {
  await page.locator("input[type=file]").setInputFiles("test/pictures/coffee.jpg");
  await page.getByText("This picture can be used.").waitFor();
  await press("Continue");
  await page.getByLabel("PIN, 6 digits").fill("493817");
  await press("Continue");
}

/** How many copies there were, and how many of them still hold anything. */
const held = () => page.evaluate(() => [globalThis.copies.length, globalThis.copies.filter((copy) => copy.some((byte) => byte !== 0)).length]);

const server = new Server();
server.helper = writeHelper({ salt: random(16), cost: COST, sketch: random(255) });

async function reply(route: Route): Promise<void> {
  const said = JSON.parse(new URLSearchParams(route.request().postData() ?? "").get("json") ?? "{}");
  const { asked } = await server.ask(said.cipher_key, { keypad: KEYPAD });
  await route.fulfill({ contentType: "text/html", body: body(asked) });
}

test("a page that may compile nothing asks, has its worker stretch, and answers", async () => {
  const compiled = page.evaluate(() => WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)));
  await assert.rejects(compiled, /Content Security Policy/);
  opened.complaints.length = 0;
  await page.route("**/do/ask", reply);
  await enter();
  await page.waitForURL("**/do/answer");
  assert.deepEqual(answers.map((text) => Object.keys(JSON.parse(text))), [["challenge_id", "challenge_data"]]);
});

test("a question that does not get through leaves nothing in memory, and can be asked anew", async () => {
  await page.route("**/do/ask", (route) => route.abort());
  await enter();
  await page.getByText("The server can't be reached.").waitFor();
  assert.deepEqual(await held(), [3, 0]);
  await page.unroute("**/do/ask");
  await page.route("**/do/ask", reply);
  await press("Begin again");
  await enter();
  await page.waitForURL("**/do/answer");
});

test("a page that is left while it works forgets at once, and answers nothing any more", async () => {
  const asked = new Promise<Route>((resolve) => void page.route("**/do/ask", resolve));
  await enter();
  const route = await asked;
  assert.ok((await held())[1] > 0, "it still needs them");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  assert.deepEqual(await held(), [3, 0]);
  await reply(route);
  await page.getByText("What the server sent can't be used.").waitFor();
  assert.deepEqual(answers, []);
});

test("a page that comes back from the cache begins anew", async () => {
  await page.locator("input[type=file]").setInputFiles("test/pictures/coffee.jpg");
  await page.getByText("This picture can be used.").waitFor();
  const loaded = page.waitForEvent("load");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await loaded;
  await page.getByText("This picture can be used.").waitFor({ state: "detached" });
});

test("the browser complains of nothing but what was cut off", () => {
  const others = opened.complaints.filter((text) => !/ERR_FAILED|favicon|404/.test(text));
  assert.deepEqual(others, []);
});
