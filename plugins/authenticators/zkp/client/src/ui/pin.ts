/** A PIN: by its buttons or typed. What is in the field is a property of it, and no attribute. */
import { weaknesses } from "../index.ts";
import { button, el, fresh } from "./dom.ts";
import { type Scene, type Step, foot } from "./step.ts";
import { ofWeakness } from "./texts.ts";

/** Asks for it; `repeated`: it has been chosen a moment ago. */
export function pinStep(scene: Scene, repeated: boolean, done: (pin: string) => void): Step {
  const { say, keypad } = scene;
  const size = keypad.pin ?? 0;
  const id = fresh("pin");
  const end = foot(scene);
  end.wrong.element.id = fresh("wrong");
  const field = el("input", {
    id,
    type: keypad.show_pin ? "text" : "password",
    // The buttons are there: no keyboard needs to cover them.
    inputmode: "none",
    // Good for nothing that keeps passwords: it would be on a disk.
    autocomplete: "one-time-code",
    spellcheck: "false",
    maxlength: size,
    class: "vp1-pin",
    "aria-describedby": end.wrong.element.id,
    on: { input: () => set(field.value) },
  });

  function set(text: string): void {
    field.value = text.replace(/[^0-9]/g, "").slice(0, size);
    wrong("");
  }

  function wrong(text: string): void {
    end.wrong.say(text);
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  function finish(): void {
    const pin = field.value;
    const [weak] = scene.enrolling ? weaknesses({ pin, grid: 0, cells: [] }) : [];
    if (pin.length !== size) wrong(say("pin.size", { n: size }));
    else if (weak) wrong(say(ofWeakness(weak)));
    else return done(pin);
    field.focus();
  }

  const digit = (text: string) => button(text, () => set(field.value + text), { class: "quiet" });
  const pad = el(
    "div",
    { class: "vp1-pad", role: "group", "aria-label": say("pin.pad") },
    ..."123456789".split("").map(digit),
    button("×", () => set(""), { class: "quiet", "aria-label": say("pin.clear") }),
    digit("0"),
    button("⌫", () => set(field.value.slice(0, -1)), { class: "quiet", "aria-label": say("pin.undo") }),
  );
  const send = (event: Event) => {
    event.preventDefault();
    finish();
  };
  const body = el(
    "form",
    { novalidate: true, on: { submit: send } },
    el("p", { class: "field" }, el("label", { for: id }, say("pin.label", { n: size })), field),
    pad,
    end.element,
  );
  return {
    title: say(repeated ? "pin.again" : "pin.title"),
    body,
    focus: () => field.focus(),
    wipe: () => {
      field.value = "";
    },
  };
}
