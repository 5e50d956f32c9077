// Chromium for the tests of pages: windows whose complaints are noted, and looks at a page by axe-core and by a camera.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = { narrow: { width: 320, height: 720 }, wide: { width: 1280, height: 800 } };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const FLAGS = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
  ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
];

export class Looker {
  /** `foreign`: addresses of others that may be asked; `noted`: pages whose complaints are expected. */
  constructor(site, folder, { foreign = [], noted = () => false } = {}) {
    Object.assign(this, { site, folder, foreign, noted });
    this.seen = { pages: [], console: [], foreign: [], steps: {} };
  }

  async start(...flags) {
    this.browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: [...FLAGS, ...flags] });
  }

  /** A page of somebody who has never been here. */
  async window(options = {}) {
    const context = await this.browser.newContext({ locale: "en-GB", ...options });
    const page = await context.newPage();
    page.on("console", (message) => this.noted(message.location().url) || this.seen.console.push(message.text()));
    page.on("pageerror", (error) => this.seen.console.push(String(error)));
    page.on("request", (request) => {
      const ours = [this.site, "data:", "blob:", ...this.foreign].some((start) => request.url().startsWith(start));
      if (!ours) this.seen.foreign.push(request.url());
    });
    return page;
  }

  /** Holds the page against axe in both schemes and sizes, and photographs it. */
  async look(page, name) {
    for (const scheme of ["light", "dark"]) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize(viewport);
        await page.evaluate(axe);
        const found = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), RULES);
        const told = (node) => `${node.html.slice(0, 200)} ${node.failureSummary ?? ""}`;
        const violations = found.violations.map((v) => ({ id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map(told) }));
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        await page.screenshot({ path: `${this.folder}/${name}-${scheme}-${size}.png`, fullPage: true });
        this.seen.pages.push({ name: `${name} ${scheme} ${size}`, violations, overflow });
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(SIZES.wide);
  }
}
