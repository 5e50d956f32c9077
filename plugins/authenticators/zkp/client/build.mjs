// Builds what the server serves (dist/, committed) and, with `lib`, what applications import (lib/, not committed).
//
// usage: node build.mjs [lib | FOLDER]     FOLDER: in the place of dist
//
// dist/ must come out the same to the byte wherever it is built: esbuild is pinned, and nothing here names a path, a
// time or a machine.
import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const ORIGIN = "// @gatewright/vp1, Apache-2.0 OR MIT. What is in here besides, and its terms: LICENSES.txt beside this file.";

const shared = {
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  charset: "utf8",
  mainFields: ["module", "main"],
  legalComments: "none",
  logLevel: "warning",
  absWorkingDir: import.meta.dirname,
};

const [what = "dist"] = process.argv.slice(2);
if (what === "lib") {
  await build({ ...shared, entryPoints: ["src/index.ts"], outfile: "lib/index.js" });
} else {
  const { metafile } = await build({
    ...shared,
    entryPoints: { zkp: "src/main.ts" },
    outdir: what,
    minify: true,
    metafile: true,
    banner: { js: ORIGIN },
  });
  await build({ ...shared, entryPoints: { zkp: "src/ui/zkp.css" }, outdir: what, minify: true });
  await writeFile(join(what, "LICENSES.txt"), await licences(Object.keys(metafile.inputs)));
}

/** The terms of every package of which something is in the bundle, by name. */
async function licences(inputs) {
  const names = inputs.flatMap((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []);
  const texts = await Promise.all(
    [...new Set(names)].sort().map(async (name) => {
      const { version, license } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
      const text = await readFile(`node_modules/${name}/LICENSE`, "utf8");
      return `${name} ${version} (${license})\n\n${text.trim()}\n`;
    }),
  );
  // Of which we have taken a part and not the package.
  const zxcvbn = await readFile("licences/zxcvbn.txt", "utf8");
  texts.push(`zxcvbn 4.4.2 (MIT): the PINs of src/pins.ts\n\n${zxcvbn.trim()}\n`);
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
