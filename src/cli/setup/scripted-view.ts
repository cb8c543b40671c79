/** The wizard's steps without a person: what was not said beforehand ends the run. */
import type { HotdeskError } from '../../kernel/errors.ts';
import { answersFor } from '../../wizard/answers.ts';
import type { Answers, Explanation, Step, View, WizardEvent } from '../../wizard/wizard.ts';
import type { Results } from './results.ts';

export class ScriptedView implements View {
  readonly #given: Answers;
  readonly #yes: boolean;
  readonly #results: Results;
  readonly #say: (text: string) => void;
  /** Its title was said: one that was left out by the command line has none. */
  #titled: string | undefined;

  /** @param say one line of progress, for who reads along */
  constructor(given: Answers, yes: boolean, results: Results, say: (text: string) => void) {
    this.#given = given;
    this.#yes = yes;
    this.#results = results;
    this.#say = say;
  }

  async ask(_step: Step, explanation: Explanation): Promise<Answers> {
    return answersFor(explanation, this.#given, this.#yes);
  }

  failed(_step: Step, error: HotdeskError): Promise<never> {
    return Promise.reject(error);
  }

  event(event: WizardEvent): void {
    this.#results.event(event);
    if (event.event === 'step') {
      this.#titled = event.step;
      this.#say(`${event.number}/${event.of} ${event.title}`);
    }
    if (event.event !== 'outcome' || this.#titled !== event.step) return;
    const row = this.#results.rows.at(-1);
    for (const line of row?.lines ?? []) this.#say(`  ${line}`);
    if (row?.error) this.#say(`  ${row.error.message}`);
    else if (event.outcome.how === 'skipped' || event.outcome.how === 'declined') this.#say('  left out');
  }
}
