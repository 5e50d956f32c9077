// Opens the API reference in Chromium as people do, and prints what was seen as one JSON object. The judging is in
// docs_page.py.
//
// usage: node docs_page.mjs URL FOLDER      FOLDER: where the pictures go

import { join } from "node:path";
import process from "node:process";
import { chromium } from "playwright-core";

const [url, folder] = process.argv.slice(2);
const WIDTHS = { wide: { width: 1280, height: 900 }, narrow: { width: 390, height: 844 } };
const SCHEMES = ["light", "dark"];
const RENDERED_MS = 30_000;
// Screens of the page; it may not go on for ever.
const MOST_TURNS = 600;

// Chromium's sandbox does not run as root; and its own errands (updates, QUIC) are no part of the test.
const flags = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
  ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
];

// One visit; everything that the page did wrong. `whole`: whether to read it to its end.
async function visit(browser, path, name, whole, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = { name, console: [], errors: [], foreign: [], failed: [] };
  page.on("console", (line) => ["error", "warning"].includes(line.type()) && seen.console.push(line.text()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => {
    const target = new URL(request.url());
    const own = target.origin === new URL(url).origin || ["data:", "blob:"].includes(target.protocol);
    if (!own) seen.foreign.push(request.url());
  });
  page.on("requestfailed", (request) => seen.failed.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("response", (reply) => reply.status() >= 400 && seen.failed.push(`${reply.url()}: ${reply.status()}`));
  // A breach of the policy shows in the console too; this says which line of it.
  await page.addInitScript(() => {
    globalThis.breaches = [];
    addEventListener("securitypolicyviolation", (e) => globalThis.breaches.push(`${e.violatedDirective}: ${e.blockedURI}`));
  });

  await page.goto(url + path, { waitUntil: "load" });
  await page.locator("#note").waitFor({ state: "detached", timeout: RENDERED_MS });
  // The reference draws operations as they come near; the heading of the first one is there at once.
  await page.locator("#reference h1").first().waitFor({ timeout: RENDERED_MS });
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: join(folder, `${name}.png`) });
  if (whole) {
    seen.headings = await read(page);
    await page.screenshot({ path: join(folder, `${name}-middle.png`) });
  }
  seen.breaches = await page.evaluate(() => globalThis.breaches);
  seen.overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  seen.background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await context.close();
  return seen;
}

// Goes down the whole page and up again, opens what is folded, and collects the headings on the way. Both ways: the
// reference draws what comes near, and drawing moves what lies below. In the page itself: thousands of questions
// from outside would take minutes.
function read(page) {
  return page.evaluate(async (most) => {
    const drawn = () => new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve), 30));
    const headings = new Set();
    for (const direction of [1, -1]) {
      for (let turn = 0; turn < most; turn += 1) {
        // The operations of a plugin; the schemas at the end stay folded, each operation shows its own.
        for (const button of document.querySelectorAll('button[aria-label^="Show all"]')) {
          button.click();
          await drawn();
        }
        for (const heading of document.querySelectorAll("#reference :is(h1, h2, h3, h4)")) {
          headings.add(heading.textContent.trim());
        }
        const before = scrollY;
        scrollBy({ top: innerHeight * 0.7 * direction, behavior: "instant" });
        await drawn();
        if (scrollY === before) break;
      }
    }
    scrollTo({ top: document.documentElement.scrollHeight / 2, behavior: "instant" });
    await drawn();
    return [...headings];
  }, MOST_TURNS);
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
try {
  const visits = [];
  for (const colorScheme of SCHEMES) {
    for (const [width, viewport] of Object.entries(WIDTHS)) {
      // Reading takes its time: once is enough.
      const whole = width === "wide" && colorScheme === "light";
      visits.push(await visit(browser, "/docs", `${colorScheme}-${width}`, whole, { colorScheme, viewport }));
    }
  }
  const narrow = { colorScheme: "dark", viewport: WIDTHS.narrow };
  visits.push(await visit(browser, "/docs?plugin=login", "dark-narrow-login", true, narrow));
  console.log(JSON.stringify(visits));
} finally {
  await browser.close();
}
