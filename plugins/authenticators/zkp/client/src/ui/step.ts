/** What a step of the page is: something to choose, type or draw. */
import type { Keypad } from "../index.ts";
import { button, el, Said } from "./dom.ts";
import type { Say } from "./texts.ts";

/** What all steps know. */
export type Scene = {
  say: Say;
  keypad: Keypad;
  /** Something is being chosen, not proven. */
  enrolling: boolean;
};

export type Step = {
  title: string;
  body: HTMLElement;
  /** Where the cursor belongs when it is shown. */
  focus: () => void;
  /** Forgets what was entered. */
  wipe: () => void;
};

/** The buttons at the end of a step, and what was wrong. */
export function foot(scene: Scene, next?: () => void): { element: HTMLElement; wrong: Said; next: HTMLButtonElement } {
  const wrong = new Said(true);
  const label = scene.say("continue");
  // Without a word of what comes next it is the button of its form.
  const go = next ? button(label, next) : el("button", { type: "submit" }, label);
  return { element: el("div", { class: "vp1-foot" }, wrong.element, go), wrong, next: go };
}
