/** What the tests drive in a browser: the library on a page, and this same file as its worker, as `src/main.ts` does. */
import * as api from "../../src/index.ts";
import { isWorker, serveStretch, stretchInWorker } from "../../src/worker.ts";

declare global {
  var vp1: typeof api;
}

if (isWorker()) {
  serveStretch();
} else {
  api.stretchWith(stretchInWorker(import.meta.url));
  globalThis.vp1 = api;
}
