/** What goes to the server, by the two forms of the page: `ask` keeps the page, `answer` leaves it. */
import type { Asked } from "../index.ts";

/** The server leads to another page: nothing more is to be done here. */
export class Elsewhere extends Error {
  override name = "Elsewhere";
}

function form(root: ParentNode, action: string): HTMLFormElement {
  const found = root.querySelector<HTMLFormElement>(`form[action$="/do/${action}"]:has(input[name="json"])`);
  if (!found) throw new Error(`the page has no form "${action}"`);
  return found;
}

const message = (of: HTMLFormElement) => of.elements.namedItem("json") as HTMLInputElement;

/** Asks, and takes what was asked and the new hidden fields from the page that comes. */
export async function ask(body: object): Promise<Asked> {
  const asking = form(document, "ask");
  const said = new URLSearchParams();
  for (const [name, value] of new FormData(asking)) if (typeof value === "string") said.set(name, value);
  said.set("json", JSON.stringify(body));
  const reply = await fetch(asking.action, { method: "POST", body: said, credentials: "same-origin", cache: "no-store" });
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const asked = page.querySelector<HTMLElement>("[data-module][data-asked]")?.dataset["asked"];
  if (!asked) {
    // It says why: too many tries, a flow that has ended, or another step that is due.
    location.assign(reply.redirected ? reply.url : location.href);
    throw new Elsewhere();
  }
  for (const fresh of form(page, "answer").querySelectorAll<HTMLInputElement>('input[type="hidden"]')) {
    const mine = form(document, "answer").elements.namedItem(fresh.name);
    if (mine instanceof HTMLInputElement) mine.value = fresh.value;
  }
  return JSON.parse(asked) as Asked;
}

/** Answers; the browser goes where the server says. */
export function answer(body: object): void {
  const answering = form(document, "answer");
  message(answering).value = JSON.stringify(body);
  answering.submit();
}
