// Logs in with Chromium, which is trusted, robbed and asked again, and prints what was seen as one JSON object. The
// judging is in machine.py.
//
// usage: node machine.mjs URL < {"password": "…", "code": "…"}

import { readFileSync } from "node:fs";
import process from "node:process";
import { chromium } from "playwright-core";

const url = process.argv[2];
const { password, code } = JSON.parse(readFileSync(0, "utf8"));

// In the page, as its own script would: cookies are the browser's business.
async function login(page, { password, code, trust }) {
  return page.evaluate(async ({ password, code, trust }) => {
    const post = async (path, body) => {
      const reply = await fetch(`/auth/v1/login${path}`, {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
      });
      return reply.json();
    };
    const steps = [await post("", { username: "admin", cookie: true })];
    const answer = async (authenticator, answer) =>
      steps.push(await post(`/${authenticator}`, { transaction: steps.at(-1).transaction, answer, trust_browser: trust }));
    await answer("password", { password });
    if (code) await answer("totp", { code });
    const last = steps.at(-1);
    return { status: last.status, amr: last.amr, next: last.next?.authenticators, reveal: last.reveal ?? null };
  }, { password, code, trust });
}

const device = async (context) => (await context.cookies()).find((cookie) => cookie.name.endsWith("gatewright_device"));

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--disable-gpu", "--no-first-run", "--disable-background-networking", ...(process.getuid() === 0 ? ["--no-sandbox"] : [])],
});
const open = async () => {
  // No page of the server may talk to anybody (its CSP says so): this one stands for an application's.
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.goto(`${url}/healthz`);
  return { context, page };
};

const own = await open();
const seen = { trusted: await login(own.page, { password, code, trust: true }) };
const stolen = await device(own.context);
seen.cookie = { httpOnly: stolen.httpOnly, sameSite: stolen.sameSite, path: stolen.path, days: (stolen.expires - Date.now() / 1000) / 86400 };
seen.script = await own.page.evaluate(() => document.cookie);
seen.again = await login(own.page, { password, trust: false });
const kept = await device(own.context);
seen.rotated = kept.value !== stolen.value;
seen.stranger = await login((await open()).page, { password, trust: false });

const thief = await open();
await thief.context.addCookies([stolen]);
seen.thief = await login(thief.page, { password, trust: false });
seen.cleared = (await device(thief.context)) === undefined;
seen.robbed = await login(own.page, { password, trust: false });
seen.secrets = [stolen.value, kept.value];
await browser.close();
process.stdout.write(JSON.stringify(seen));
