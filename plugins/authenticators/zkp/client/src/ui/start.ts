/**
 * Finds its place on the page, asks for picture, PIN and pattern, and speaks VP1 with the server through the forms of the page.
 */
import { type Keypad, ProtocolError, answerLogin, beginEnrol, beginLogin, commit } from "../index.ts";
import { button, el, Said } from "./dom.ts";
import { Elsewhere, answer, ask } from "./send.ts";
import type { Scene } from "./step.ts";
import { type Key, texts } from "./texts.ts";
import { type Entered, Wizard } from "./wizard.ts";

/** Where the page has a place for it. */
export function start(): void {
  const stage = document.querySelector<HTMLElement>("[data-module]");
  if (stage) play(stage);
}

function play(stage: HTMLElement): void {
  const say = texts(document.documentElement.lang);
  const keypad = JSON.parse(stage.dataset["keypad"] ?? "{}") as Keypad;
  const scene: Scene = { say, keypad, enrolling: stage.dataset["stand"] === "enrol" };
  const email = stage.dataset["email"];
  let wizard: Wizard;
  const begin = () => {
    wizard = new Wizard(scene, stage, (entered) => void work(entered));
  };

  async function work({ secrets, dims }: Entered): Promise<void> {
    const said = new Said();
    const bar = el("progress", { class: "vp1-work", "aria-label": say("work.begin") });
    stage.replaceChildren(bar, said.element);
    // Empty at first: what comes into it is read aloud.
    await new Promise(requestAnimationFrame);
    said.say(say("work.begin"));
    const stretching = () => said.say(say("work.stretch"));
    try {
      const reply = scene.enrolling ? await enrol(secrets, email, stretching) : await login(secrets, dims, stretching);
      said.say(say("work.send"));
      answer(reply);
    } catch (error) {
      if (!(error instanceof Elsewhere)) failed(error);
    } finally {
      secrets.bits.fill(0);
      secrets.cells.fill(0);
      secrets.pin = "";
    }
  }

  function failed(error: unknown): void {
    const key: Key =
      error instanceof ProtocolError ? "error.protocol" : error instanceof TypeError ? "error.network" : "error.unable";
    const alert = new Said(true);
    const again = button(say("again"), begin);
    stage.replaceChildren(alert.element, again);
    alert.say(say(key));
    again.focus();
  }

  begin();
  // Neither the cache of pages nor whoever comes next finds anything.
  addEventListener("pagehide", () => wizard.wipe());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

type Parts = Entered["secrets"];

async function login(secrets: Parts, dims: [number, number], stretching: () => void): Promise<object> {
  const { cipher_key, state } = await beginLogin(secrets);
  const asked = await ask({ cipher_key });
  stretching();
  return answerLogin(state, asked, location.origin, dims);
}

async function enrol(secrets: Parts, email: string | undefined, stretching: () => void): Promise<object> {
  const { cipher_key, state } = await beginEnrol(secrets);
  const asked = await ask({ cipher_key });
  stretching();
  return commit(state, asked, location.origin, email === undefined ? {} : { email });
}
