/** Elements of the page. Texts become text nodes, so that nothing that somebody has typed is read as markup. */

type Child = Node | string | null | undefined | false;
type Told = { class?: string; on?: Record<string, (event: Event) => void> } & Record<string, unknown>;

/** An element with these attributes; `true` is an attribute without a value, `false` and `undefined` leave it out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  told: Told = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(told)) {
    if (name === "on") {
      for (const [event, heard] of Object.entries(told.on ?? {})) made.addEventListener(event, heard);
    } else if (value !== false && value !== undefined && value !== null) {
      made.setAttribute(name, value === true ? "" : String(value));
    }
  }
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

/** A button that is no form's. */
export function button(label: string, pressed: () => void, told: Told = {}): HTMLButtonElement {
  return el("button", { type: "button", ...told, on: { click: () => pressed() } }, label);
}

/** A place for what is said aloud; `alert` for what went wrong. */
export class Said {
  readonly element: HTMLElement;
  readonly #alert: boolean;

  constructor(alert = false, told: Told = {}) {
    this.#alert = alert;
    this.element = el("p", { role: alert ? "alert" : "status", class: alert ? "notice vp1-said" : "vp1-said quiet-text", ...told });
    this.element.hidden = alert;
  }

  say(text: string): void {
    this.element.textContent = text;
    this.element.hidden = this.#alert && text === "";
  }
}

let last = 0;

/** An id that nothing else on the page has. */
export function fresh(stem: string): string {
  last += 1;
  return `vp1-${stem}-${last}`;
}
