/** Argon2id in a worker of the module's own file, so that the page goes on moving meanwhile. */
import { type Cost, type Stretch, stretchHere } from "./stretch.ts";

type Job = { secret: Uint8Array; salt: Uint8Array; cost: Cost };
type Said = { stretched: Uint8Array } | { failed: string };

/** Whether this very file was started as a worker. */
export function isWorker(): boolean {
  return typeof document === "undefined" && "WorkerGlobalScope" in globalThis;
}

/** The worker's side: one job, then it is ended by whoever started it. */
export function serveStretch(): void {
  addEventListener("message", async (event: MessageEvent<Job>) => {
    const { secret, salt, cost } = event.data;
    try {
      postMessage({ stretched: await stretchHere(secret, salt, cost) } satisfies Said);
    } catch (failed) {
      postMessage({ failed: String(failed) } satisfies Said);
    }
  });
}

/** The page's side. A worker for each job: with it goes the memory in which the secrets were. It does not outlive the page's turn. */
export function stretchInWorker(script: string | URL): Stretch {
  return (secret, salt, cost) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(script, { type: "module" });
      const end = (then: () => void) => {
        worker.terminate();
        removeEventListener("pagehide", left);
        then();
      };
      const left = () => end(() => reject(new Error("the page was left")));
      addEventListener("pagehide", left);
      worker.onerror = (event) => end(() => reject(new Error(`the worker did not start: ${event.message ?? "no reason given"}`)));
      worker.onmessage = (event: MessageEvent<Said>) => {
        const said = event.data;
        end(() => ("stretched" in said ? resolve(said.stretched) : reject(new Error(said.failed))));
      };
      worker.postMessage({ secret, salt, cost } satisfies Job);
    });
}
