/** One step after the other; what is being chosen is entered twice. */
import type { Keypad, PictureBits, Secrets } from "../index.ts";
import { button, el } from "./dom.ts";
import { patternStep } from "./pattern.ts";
import { pictureStep } from "./picture.ts";
import { pinStep } from "./pin.ts";
import type { Scene, Step } from "./step.ts";

type Part = "picture" | "PIN" | "PATTERN";
type Turn = { part: Part; repeated: boolean };

/** What is asked for, in the order of the tenant: every part that there is, whatever the order names. */
export function turns(keypad: Keypad, enrolling: boolean): Turn[] {
  const there = { PIN: keypad.pin !== null, PATTERN: keypad.pattern !== null };
  const all: (keyof typeof there)[] = ["PIN", "PATTERN"];
  const known = keypad.order.filter((part): part is "PIN" | "PATTERN" => all.includes(part as "PIN"));
  const parts = [...new Set([...known, ...all])].filter((part) => there[part]);
  const once = (part: Part): Turn => ({ part, repeated: false });
  const twice = (part: Part): Turn[] => (enrolling ? [once(part), { part, repeated: true }] : [once(part)]);
  return [once("picture"), ...parts.flatMap(twice)];
}

/** What was entered; the caller wipes it. */
export type Entered = { secrets: Secrets; dims: [number, number] };

/** Goes through all steps on this stage. */
export class Wizard {
  readonly #scene: Scene;
  readonly #stage: HTMLElement;
  readonly #turns: Turn[];
  readonly #finished: (entered: Entered) => void;
  #at = 0;
  #step: Step | undefined;
  #picture: PictureBits | undefined;
  #pin = "";
  #cells: number[] = [];

  constructor(scene: Scene, stage: HTMLElement, finished: (entered: Entered) => void) {
    this.#scene = scene;
    this.#stage = stage;
    this.#turns = turns(scene.keypad, scene.enrolling);
    this.#finished = finished;
    this.#show(0, false);
  }

  /** Forgets everything. */
  wipe(): void {
    this.#step?.wipe();
    this.#picture?.bits.fill(0);
    this.#picture = undefined;
    this.#pin = "";
    this.#cells.fill(0);
    this.#cells = [];
  }

  #show(at: number, moved: boolean, wrong = ""): void {
    const turn = this.#turns[at];
    if (!turn) return this.#end();
    this.#at = at;
    this.#step?.wipe();
    this.#step = this.#make(turn);
    const { say } = this.#scene;
    const heading = el("h2", { tabindex: -1 }, this.#step.title);
    this.#stage.replaceChildren(
      el("p", { class: "quiet-text vp1-count" }, say("step", { n: at + 1, all: this.#turns.length })),
      heading,
      wrong ? el("p", { class: "notice", role: "alert" }, wrong) : "",
      this.#step.body,
      at > 0 ? button(say("back"), () => this.#back(), { class: "quiet vp1-back" }) : "",
    );
    // The title is read first, then what there is to do.
    if (moved) heading.focus();
  }

  #make({ part, repeated }: Turn): Step {
    const next = () => this.#show(this.#at + 1, true);
    switch (part) {
      case "picture":
        return pictureStep(this.#scene, (picture) => {
          // A copy: the step forgets its own.
          this.#picture?.bits.fill(0);
          this.#picture = { ...picture, bits: picture.bits.slice() };
          next();
        });
      case "PIN":
        return pinStep(this.#scene, repeated, (pin) => {
          if (repeated && pin !== this.#pin) return this.#anew("pin.differs");
          this.#pin = pin;
          next();
        });
      case "PATTERN":
        return patternStep(this.#scene, repeated, (cells) => {
          if (repeated && cells.join() !== this.#cells.join()) return this.#anew("pattern.differs");
          this.#cells = cells;
          next();
        });
    }
  }

  /** The two were not the same: the first is entered again too, since nobody knows which was meant. */
  #anew(key: "pin.differs" | "pattern.differs"): void {
    this.#show(this.#at - 1, true, this.#scene.say(key));
  }

  #back(): void {
    const before = this.#turns[this.#at - 1];
    this.#show(this.#at - (before?.repeated ? 2 : 1), true);
  }

  #end(): void {
    const picture = this.#picture;
    if (!picture) return this.#show(0, true);
    const { keypad } = this.#scene;
    const secrets = {
      bits: picture.bits.slice(),
      pin: keypad.pin === null ? "" : this.#pin,
      grid: keypad.pattern ?? 0,
      cells: this.#cells.slice(),
    };
    this.wipe();
    this.#finished({ secrets, dims: [picture.width, picture.height] });
  }
}
