/** The module of the hosted pages. The same file is its worker. */
import { start } from "./ui/start.ts";
import { stretchWith } from "./stretch.ts";
import { isWorker, serveStretch, stretchInWorker } from "./worker.ts";

if (isWorker()) {
  serveStretch();
} else {
  stretchWith(stretchInWorker(import.meta.url));
  start();
}
