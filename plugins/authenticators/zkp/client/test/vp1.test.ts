/** Both conversations, with a server that is honest and with one that is not. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, integer, lp, random } from "../src/bytes.ts";
import { stretchHere, stretchWith } from "../src/stretch.ts";
import * as vp1 from "../src/vp1.ts";
import { ORIGIN, type Plain, Server } from "./kit/server.ts";

const SECRETS: vp1.Secrets = { bits: random(255), pin: "493817", grid: 3, cells: [0, 1, 2, 5, 8] };

/** Argon2id takes most of a second, and is not what is tried here. */
stretchWith(async (secret, salt, { m, t, p }) => sha512(concat(secret, salt, integer(m, 4), Uint8Array.of(t, p))));

const server = new Server();
before(async () => {
  const { cipher_key, state } = await vp1.beginEnrol(SECRETS);
  assert.equal(cipher_key.length, 87);
  const challenge = await server.ask(cipher_key);
  assert.equal(challenge.asked.challenge_data.length, 600);
  const answer = await vp1.commit(state, challenge.asked, ORIGIN, { email: "alice@example.test" });
  assert.equal(answer.encrypted_commitment.length, 639);
  assert.ok(await server.enrol(challenge, answer, "alice@example.test"));
});

/** The picture with so many bits of it turned over. */
function noisy(bits: Uint8Array, count: number): Uint8Array {
  const copy = bits.slice();
  for (const at of [...Array(2040).keys()].sort(() => Math.random() - 0.5).slice(0, count)) copy[at >> 3] ^= 1 << (at & 7);
  return copy;
}

async function login(with_: Partial<vp1.Secrets>, words: Partial<vp1.Asked> = {}, lie?: (plain: Plain) => void) {
  const { cipher_key, state } = await vp1.beginLogin({ ...SECRETS, ...with_ });
  const challenge = await server.ask(cipher_key, words, lie);
  const answer = await vp1.answerLogin(state, challenge.asked, ORIGIN, [600, 400]);
  return { challenge, answer, accepted: server.accepts(challenge, answer) };
}

test("who enrolled signs in, and with a picture of 3 % other bits", async () => {
  for (const errors of [0, 1, 20, 61]) {
    const { accepted, answer } = await login({ bits: noisy(SECRETS.bits, errors) });
    assert.ok(accepted, `${errors} bits`);
    assert.equal(answer.challenge_data.length, 87);
    assert.deepEqual(answer.ber, {
      ber: { count_bits: 2040, error_bits: errors, BER_PERCENT: ((100 * errors) / 2040).toFixed(2) },
      image_dim: [600, 400],
      algorithm_version: "dct-sign-256/1",
    });
  }
});

test("with another PIN, pattern or picture nobody does, and what is sent says nothing", async () => {
  const wrong: Partial<vp1.Secrets>[] = [
    { pin: "493818" },
    { pin: "" },
    { cells: [0, 1, 2, 5, 7] },
    { cells: [8, 5, 2, 1, 0] },
    { grid: 4 },
    { grid: 0, cells: [] },
    { bits: random(255) },
    { bits: noisy(SECRETS.bits, 200) },
  ];
  for (const secrets of wrong) {
    const [one, two] = [await login(secrets), await login(secrets)];
    assert.ok(!one.accepted && !two.accepted, JSON.stringify(secrets.pin));
    assert.equal(one.answer.ber, undefined);
    assert.equal(one.answer.challenge_data.length, 87);
    assert.notEqual(one.answer.challenge_data, two.answer.challenge_data);
  }
});

test("a lying server that sends the same twice sees nothing repeated: no oracle for PINs", async () => {
  const { cipher_key, state } = await vp1.beginLogin({ ...SECRETS, pin: "111111" });
  const challenge = await server.ask(cipher_key);
  const again = { ...state, spent: false, factors: state.factors.slice(), bits: state.bits.slice() };
  const blinded = { ...state.blinded, blind: state.blinded.blind.slice() };
  const first = await vp1.answerLogin(state, challenge.asked, ORIGIN);
  const second = await vp1.answerLogin({ ...again, blinded }, challenge.asked, ORIGIN);
  assert.notEqual(first.challenge_data, second.challenge_data);
});

test("a proof is for one page, client, request, tenant, name, purpose and challenge", async () => {
  const { cipher_key, state } = await vp1.beginLogin(SECRETS);
  const challenge = await server.ask(cipher_key);
  const answer = await vp1.answerLogin(state, challenge.asked, "https://evil.example");
  assert.ok(!server.accepts(challenge, answer), "another origin");
  const good = await login({});
  for (const changed of [
    { client_id: "spa-2" },
    { auth_req_id: "ar-2" },
    { tenant: "other" },
    { username: "bob" },
    { purpose: "elevate" },
  ]) {
    const other = { ...good.challenge, asked: { ...good.challenge.asked, ...changed } };
    assert.ok(!server.accepts(other, good.answer), JSON.stringify(changed));
  }
  const next = await login({});
  assert.ok(!server.accepts(next.challenge, { ...good.answer, challenge_id: next.answer.challenge_id }), "an old proof");
});

test("what was asked for other words does not open", async () => {
  for (const changed of [{ tenant: "other" }, { username: "bob" }, { auth_req_id: "" }]) {
    const { cipher_key, state } = await vp1.beginLogin(SECRETS);
    const { asked } = await server.ask(cipher_key);
    await assert.rejects(vp1.answerLogin(state, { ...asked, ...changed }, ORIGIN), vp1.ProtocolError);
  }
  const [mine, others] = [await vp1.beginLogin(SECRETS), await vp1.beginLogin(SECRETS)];
  const { asked } = await server.ask(others.cipher_key);
  await assert.rejects(vp1.answerLogin(mine.state, asked, ORIGIN), vp1.ProtocolError, "somebody else's challenge");
});

test("a new address is bound to the proof", async () => {
  const { cipher_key, state } = await vp1.beginLogin(SECRETS);
  const challenge = await server.ask(cipher_key, { purpose: "update-email" });
  const answer = await vp1.answerLogin(state, challenge.asked, ORIGIN, undefined, { email: "new@example.test" });
  assert.ok(server.accepts(challenge, answer, lp("new@example.test")));
  assert.ok(!server.accepts(challenge, answer, lp("evil@example.test")));
  assert.equal(answer.ber?.image_dim, undefined);
});

test("each byte of the helper that was tampered with gives another scalar, a random proof or an error", async () => {
  for (let at = 0; at < 309; at += at < 60 ? 1 : 16) {
    const outcome = await login(
      {},
      {},
      (plain) => (plain.helper = plain.helper.map((byte, i) => (i === at ? byte ^ 1 : byte))),
    ).catch((error: unknown) => error);
    const refused = outcome instanceof vp1.ProtocolError || !(outcome as { accepted: boolean }).accepted;
    assert.ok(refused, `byte ${at}`);
  }
});

test("Argon2id of unacceptable cost is not even begun", async () => {
  stretchWith(() => assert.fail("it was begun"));
  const costs = { m: [65535, (1 << 20) + 1, 0, 0xffffffff], t: [2, 17, 0, 255], p: [0, 5] };
  const places = { m: [16, 4], t: [20, 1], p: [21, 1] } as const;
  for (const [name, values] of Object.entries(costs)) {
    const [from, size] = places[name as "m"];
    for (const value of values) {
      const lie = (plain: Plain) => {
        plain.helper = plain.helper.slice();
        plain.helper.set(integer(value, size), from);
      };
      await assert.rejects(login({}, {}, lie), /Argon2id/, `${name} = ${value}`);
    }
  }
  stretchWith(async (secret, salt, { m, t, p }) => sha512(concat(secret, salt, integer(m, 4), Uint8Array.of(t, p))));
});

test("challenges of another version, with more behind them, or with no element of the group", async () => {
  const lies: [string, (plain: Plain) => void][] = [
    ["version", (plain) => (plain.version = Uint8Array.of(2))],
    ["longer", (plain) => (plain.helper = concat(plain.helper, Uint8Array.of(0)))],
    ["shorter", (plain) => (plain.helper = plain.helper.slice(1))],
    ["identity", (plain) => (plain.evaluated = new Uint8Array(32))],
    ["not canonical", (plain) => (plain.evaluated = new Uint8Array(32).fill(0xff))],
  ];
  for (const [name, lie] of lies) await assert.rejects(login({}, {}, lie), vp1.ProtocolError, name);
  await assert.rejects(login({}, { proto_version: "vp1-pq" }), /speaks vp1-pq/);
});

test("a state is good for one answer and is wiped then", async () => {
  const { cipher_key, state } = await vp1.beginLogin(SECRETS);
  const challenge = await server.ask(cipher_key);
  await vp1.answerLogin(state, challenge.asked, ORIGIN);
  for (const secret of [state.bits, state.factors, state.blinded.blind]) assert.ok(secret.every((byte) => byte === 0));
  await assert.rejects(vp1.answerLogin(state, challenge.asked, ORIGIN), /has been answered/);
  assert.notDeepEqual(SECRETS.bits, new Uint8Array(255), "what the caller holds is the caller's");
});

test("a state that is given up is wiped, and answers nothing", async () => {
  const [login, enrolment] = [await vp1.beginLogin(SECRETS), await vp1.beginEnrol(SECRETS)];
  for (const { state } of [login, enrolment]) {
    vp1.forget(state);
    for (const secret of [state.bits, state.factors, state.blinded.blind]) assert.ok(secret.every((byte) => byte === 0));
  }
  const [asked, invited] = [await server.ask(login.cipher_key), await server.ask(enrolment.cipher_key)];
  await assert.rejects(vp1.answerLogin(login.state, asked.asked, ORIGIN), /given up/);
  await assert.rejects(vp1.commit(enrolment.state, invited.asked, ORIGIN), /given up/);
});

async function enrol(extra: vp1.EnrolExtra, words: Partial<vp1.Asked> = {}, secrets = SECRETS) {
  const { cipher_key, state } = await vp1.beginEnrol(secrets);
  const challenge = await server.ask(cipher_key, words);
  return { challenge, answer: await vp1.commit(state, challenge.asked, ORIGIN, extra) };
}

test("an enrolment is for one address and one code", async () => {
  const other = new Server();
  const { cipher_key, state } = await vp1.beginEnrol(SECRETS);
  const challenge = await other.ask(cipher_key, { purpose: "reset" });
  const answer = await vp1.commit(state, challenge.asked, ORIGIN, { code: "123456" });
  assert.ok(!(await other.enrol(challenge, answer, "", "123457")));
  await assert.rejects(other.enrol(challenge, answer, "evil@example.test", "123456"));
  assert.ok(await other.enrol(challenge, answer, "", "123456"));
});

test("a key whose id is another, and no key", async () => {
  await assert.rejects(enrol({}, { kid: "AAAAAAAAAAA" }), /id is another/);
  await assert.rejects(enrol({}, { hpke_public_key: "" }), /no key/);
});

test("every factor that the tenant asks for, in its size, and none besides", async () => {
  const keypad = (pin: number | null, pattern: number | null) => ({ keypad: { pin, pattern, order: [], show_pin: false } });
  for (const words of [keypad(5, 3), keypad(6, 4), keypad(null, 3), keypad(6, null)]) {
    await assert.rejects(enrol({}, words), vp1.PolicyError);
  }
});

test("what everybody tries first is not enrolled", async () => {
  for (const secrets of [{ pin: "123456" }, { cells: [0, 1, 2] }, { cells: [0, 4] }]) {
    await assert.rejects(vp1.beginEnrol({ ...SECRETS, ...secrets }), vp1.PolicyError);
  }
});

test("with Argon2id as it is", async () => {
  stretchWith(stretchHere);
  const own = new Server();
  const begun = await vp1.beginEnrol(SECRETS);
  const challenge = await own.ask(begun.cipher_key);
  assert.ok(await own.enrol(challenge, await vp1.commit(begun.state, challenge.asked, ORIGIN)));
  const { cipher_key, state } = await vp1.beginLogin({ ...SECRETS, bits: noisy(SECRETS.bits, 40) });
  const asked = await own.ask(cipher_key);
  assert.ok(own.accepts(asked, await vp1.answerLogin(state, asked.asked, ORIGIN)));
});
