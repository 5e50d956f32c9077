/** Chromium on a page of our own, under the rules that the hosted pages have. */
import { readFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { type Browser, type Page, chromium } from "playwright-core";

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' blob:";

async function serve(): Promise<Server> {
  const { outputFiles } = await build({
    ...{ entryPoints: ["test/browser/main.ts"], bundle: true, format: "esm", target: "es2022", write: false },
  });
  const script = outputFiles[0].contents;
  const server = createServer((request, reply) => {
    const path = request.url ?? "/";
    reply.setHeader("content-security-policy", POLICY);
    if (path === "/") {
      reply
        .setHeader("content-type", "text/html")
        .end('<!doctype html><title>VP1</title><script type="module" src="/main.js"></script>');
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
  const server = await serve();
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
    await page.waitForFunction(() => "vp1" in globalThis);
    // A favicon is nobody's business here.
    complaints.length = 0;
    return { page, complaints, close };
  } catch (error) {
    await close();
    throw error;
  }
}
