// Runs the tests: each file of test/ is bundled (packages stay outside) and handed to Node's own runner.
//
// usage: node test.mjs [NAME...]     NAME: a file of test/ without `.test.ts`; left out: all but `fuzz`
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";

const known = readdirSync("test").flatMap((file) => file.match(/^(.+)\.test\.ts$/)?.[1] ?? []);
const names = process.argv.length > 2 ? process.argv.slice(2) : known.filter((name) => name !== "fuzz");
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length) {
  console.error(`there are: ${known.join(", ")}`);
  process.exit(2);
}
rmSync(".cache/test", { recursive: true, force: true });
await build({
  entryPoints: names.map((name) => `test/${name}.test.ts`),
  outdir: ".cache/test",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  packages: "external",
  // It is CommonJS, whose names Node does not see.
  alias: { "hash-wasm": "./node_modules/hash-wasm/dist/index.esm.js" },
  external: [],
  sourcemap: "inline",
  logLevel: "warning",
});
const files = names.map((name) => `.cache/test/${name}.test.mjs`);
const ran = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit" });
process.exit(ran.status ?? 1);
