/** What goes over the vault's wire, word by word. The real server is in tests/clients. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, random } from "../src/bytes.ts";
import { stretchWith } from "../src/stretch.ts";
import { Refused, VaultClient, type VaultOptions } from "../src/vault.ts";
import { ORIGIN } from "./kit/server.ts";
import { Wire } from "./kit/wire.ts";

const SECRETS = { bits: random(255), pin: "493817", grid: 3, cells: [0, 1, 2, 5, 8] };
const REQUEST = { auth_req_id: "ar-1", client_id: "spa-1" };

stretchWith(async (secret, salt) => sha512(concat(secret, salt)));

function client(wire: Wire, more: Partial<VaultOptions> = {}): VaultClient {
  return new VaultClient({ server: "https://id.example.test", tenant: "acme", origin: ORIGIN, fetch: wire.fetch, ...more });
}

async function registered(more: Partial<VaultOptions> = {}): Promise<{ wire: Wire; vault: VaultClient }> {
  const wire = new Wire();
  const vault = client(wire, more);
  wire.purpose = "register";
  await vault.register("alice", "alice@example.test", SECRETS);
  wire.purpose = "login";
  return { wire, vault };
}

test("an account and a login inside an authorization request", async () => {
  const { wire, vault } = await registered({ request: REQUEST });
  const url = await vault.signIn("alice", SECRETS, [600, 400]);
  assert.equal(url, "https://id.example.test/api/oidc/sign-in?oid_nonce=gwn_nonce&auth_req_id=ar-1");
  assert.deepEqual(
    wire.sent.map(({ path, query, body }) => [path, query, Object.keys(body).sort().join(" ")]),
    [
      ["/challenge", { auth_req_id: "ar-1" }, "cipherKey username"],
      ["/register", { auth_req_id: "ar-1" }, "email encrypted_commitment proto_version username"],
      ["/challenge", { auth_req_id: "ar-1" }, "cipherKey username"],
      ["/authenticate", { auth_req_id: "ar-1" }, "ber challenge_data challenge_id cipherKey username"],
    ],
  );
});

test("outside any: the tenant is named, and where the challenge knows it, it is not", async () => {
  const { wire, vault } = await registered();
  assert.equal(await vault.signIn("alice", SECRETS), "https://id.example.test/api/oidc/sign-in?oid_nonce=gwn_nonce");
  const queries = wire.sent.map(({ path, query }) => [path, query]);
  assert.deepEqual(queries, [
    ["/challenge", { tenant_id: "acme" }],
    ["/register", { tenant_id: "acme" }],
    ["/challenge", { tenant_id: "acme" }],
    ["/authenticate", {}],
  ]);
});

test("a wrong PIN is the server's no, and no report goes with it", async () => {
  const { wire, vault } = await registered();
  const wrong = vault.authenticate("alice", { ...SECRETS, pin: "493818" }, [600, 400]);
  await assert.rejects(wrong, (error) => error instanceof Refused && error.status === 422 && error.detail.includes("refused"));
  assert.ok(!("ber" in (wire.sent.at(-1)?.body ?? {})));
});

test("a reset, a change and a new address are outside any request, even where there is one", async () => {
  const { wire, vault } = await registered({ request: REQUEST });
  wire.sent.length = 0;
  wire.purpose = "reset";
  await vault.resetPassword("alice", "gwr_code", SECRETS);
  wire.purpose = "change";
  await vault.changePassword("alice", { ...SECRETS, pin: "830472" }, "gwa_token");
  wire.purpose = "update-email";
  await vault.updateEmail("1-2", "alice", "new@example.test", { ...SECRETS, pin: "830472" }, "gwa_token");
  assert.deepEqual(
    wire.sent.map(({ path, query, bearer, body }) => [path, query, bearer, Object.keys(body).sort().join(" ")]),
    [
      ["/challenge", { tenant_id: "acme" }, null, "cipherKey username"],
      ["/reset-password", {}, null, "code encrypted_commitment proto_version username"],
      ["/challenge", { tenant_id: "acme" }, null, "cipherKey username"],
      ["/change-password", {}, "Bearer gwa_token", "encrypted_commitment proto_version"],
      ["/challenge", { tenant_id: "acme" }, null, "cipherKey username"],
      ["/acme/users/1-2/email", {}, "Bearer gwa_token", "challenge_data challenge_id email"],
    ],
  );
});

test("a keypad that is known is what everything is held against", async () => {
  const wire = new Wire();
  const keypad = { pin: 4, pattern: 3, order: [], show_pin: false };
  await assert.rejects(client(wire, { keypad }).register("alice", "alice@example.test", SECRETS), /pin-size/);
});
