/** One conversation with the server: what it holds in memory goes with its end, however it ends, and with the page. */
import { type EnrolState, type LoginState, answerLogin, beginEnrol, beginLogin, commit, forget } from "../index.ts";
import { ask } from "./send.ts";
import type { Entered } from "./wizard.ts";

export class Work {
  readonly #entered: Entered;
  #state: LoginState | EnrolState | undefined;
  #over = false;

  constructor(entered: Entered) {
    this.#entered = entered;
  }

  /** What is answered; `stretching` is told when the long part begins. */
  async login(stretching: () => void): Promise<object> {
    const { secrets, dims } = this.#entered;
    const { cipher_key, state } = await beginLogin(secrets);
    this.#hold(state);
    const asked = await ask({ cipher_key });
    stretching();
    return answerLogin(state, asked, location.origin, dims);
  }

  async enrol(email: string | undefined, stretching: () => void): Promise<object> {
    const { cipher_key, state } = await beginEnrol(this.#entered.secrets);
    this.#hold(state);
    const asked = await ask({ cipher_key });
    stretching();
    return commit(state, asked, location.origin, email === undefined ? {} : { email });
  }

  /** Forgets everything; whatever is still under way comes to nothing. */
  wipe(): void {
    this.#over = true;
    const { secrets } = this.#entered;
    secrets.bits.fill(0);
    secrets.cells.fill(0);
    secrets.pin = "";
    if (this.#state) forget(this.#state);
  }

  /** The page may have been left while the state was made: then nothing is asked, which would count as a try. */
  #hold(state: LoginState | EnrolState): void {
    this.#state = state;
    if (!this.#over) return;
    forget(state);
    throw new Error("the page was left");
  }
}
