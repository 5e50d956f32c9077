// An account with a secret picture, and a login with it, from Node.
//
// usage: node example.mjs register|login SERVER NAME PICTURE.jpg [EMAIL]
//        The first line of the standard input is the PIN, the second the pattern: its points by rows, as 0 1 2 5 8.
import { readFileSync } from "node:fs";
import jpeg from "jpeg-js";
import { Refused, VaultClient, bitsOf } from "@gatewright/vp1";

const [what, server, name, picture, email] = process.argv.slice(2);
const [pin, pattern] = readFileSync(0, "utf8").split("\n");

// Browsers decode pictures themselves; Node needs to be told how.
const codec = {
  async open(bytes) {
    const { width, height, data } = jpeg.decode(bytes, { useTArray: true });
    return { width, height, rows: (to) => to(data), close() {} };
  },
};
const { bits, width, height } = await bitsOf(new Uint8Array(readFileSync(picture)), codec);
const secrets = { bits, pin, grid: 3, cells: pattern.trim().split(/\s+/).map(Number) };

const vault = new VaultClient({ server, tenant: "default", origin: new URL(server).origin });
try {
  if (what === "register") {
    await vault.register(name, email, secrets);
    console.log("registered");
  } else {
    const { nonce, need_verify } = await vault.authenticate(name, secrets, [width, height]);
    console.log(JSON.stringify({ go: vault.signInUrl(nonce), need_verify }));
  }
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.log(`refused: ${error.status}`);
  process.exitCode = 1;
}
