/** Chromium on a page of our own, under the rules that the hosted pages have. */
import { readFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { type Browser, type Page, chromium } from "playwright-core";

/** Of a page, which compiles nothing; and of the script, which is the worker's. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const WORKERS = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; frame-ancestors 'none'";

async function serve(entry: string, body: string): Promise<Server> {
  const { outputFiles } = await build({
    ...{ entryPoints: [entry], bundle: true, format: "esm", target: "es2022", write: false },
  });
  const script = outputFiles[0].contents;
  const server = createServer((request, reply) => {
    const path = request.url ?? "/";
    reply.setHeader("content-security-policy", path === "/main.js" ? WORKERS : POLICY);
    if (path === "/") {
      reply
        .setHeader("content-type", "text/html")
        .end(`<!doctype html><html lang="en"><title>VP1</title><script type="module" src="/main.js"></script>${body}`);
    } else if (path === "/main.js") {
      reply.setHeader("content-type", "text/javascript").end(script);
    } else if (/^\/pictures\/[\w-]+\.\w+$/.test(path)) {
      reply.end(readFileSync(`test${path}`));
    } else {
      reply.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

export type Opened = { page: Page; complaints: string[]; close: () => Promise<void> };

/** A page on which `vp1` is the library, and everything that the browser complains of. */
export async function openPage(): Promise<Opened> {
  const opened = await openScript("test/browser/main.ts", "");
  await opened.page.waitForFunction(() => "vp1" in globalThis);
  // A favicon is nobody's business here.
  opened.complaints.length = 0;
  return opened;
}

/** A page with this script and this body. */
export async function openScript(entry: string, body: string): Promise<Opened> {
  const server = await serve(entry, body);
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    server.close();
  };
  try {
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return { page, complaints, close };
  } catch (error) {
    await close();
    throw error;
  }
}
