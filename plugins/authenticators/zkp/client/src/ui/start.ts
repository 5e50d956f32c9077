/**
 * Finds its place on the page, asks for picture, PIN and pattern, and speaks VP1 with the server through the forms of the page.
 */
import { type Keypad, ProtocolError } from "../index.ts";
import { button, el, Said } from "./dom.ts";
import { Elsewhere, answer } from "./send.ts";
import type { Scene } from "./step.ts";
import { type Key, texts } from "./texts.ts";
import { Work } from "./work.ts";
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
  let working: Work | undefined;
  const begin = () => {
    wizard = new Wizard(scene, stage, (entered) => void send(entered));
  };

  async function send(entered: Entered): Promise<void> {
    const work = new Work(entered);
    working = work;
    const said = new Said();
    const bar = el("progress", { class: "vp1-work", "aria-label": say("work.begin") });
    stage.replaceChildren(bar, said.element);
    // Empty at first: what comes into it is read aloud.
    await new Promise(requestAnimationFrame);
    said.say(say("work.begin"));
    const stretching = () => said.say(say("work.stretch"));
    try {
      const reply = await (scene.enrolling ? work.enrol(email, stretching) : work.login(stretching));
      said.say(say("work.send"));
      answer(reply);
    } catch (error) {
      if (!(error instanceof Elsewhere)) failed(error);
    } finally {
      work.wipe();
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
  // Neither the cache of pages nor whoever comes next finds anything; a page that comes back from there begins anew.
  addEventListener("pagehide", () => {
    wizard.wipe();
    working?.wipe();
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
