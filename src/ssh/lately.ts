/** What ssh said of its configuration a moment ago: who resolves a host seven times in a second starts it once. */
import { type Clock, systemClock } from '../kernel/clock.ts';

/** Longer than from one step of a program to the next, shorter than a person takes to mend ssh_config, in ms. */
const LATELY_MS = 5000;

/** Of one SshEnvironment. */
export class Lately {
  readonly #clock: Clock;
  readonly #said = new Map<string, { readonly text: string; readonly at: number }>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** @param args ssh's; undefined: it was not asked, or too long ago */
  recall(args: readonly string[]): string | undefined {
    const said = this.#said.get(JSON.stringify(args));
    if (!said) return undefined;
    const age = this.#clock.now() - said.at;
    return age >= 0 && age < LATELY_MS ? said.text : undefined;
  }

  keep(args: readonly string[], text: string): void {
    this.#said.set(JSON.stringify(args), { text, at: this.#clock.now() });
  }
}
