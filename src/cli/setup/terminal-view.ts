/** The wizard's steps as a conversation. */
import type { HotdeskError } from '../../kernel/errors.ts';
import { wrongAnswer } from '../../wizard/answers.ts';
import type {
  Answers,
  Explanation,
  Line,
  Look,
  Outcome,
  Question,
  Step,
  View,
  WizardEvent,
} from '../../wizard/wizard.ts';
import type { Results } from './results.ts';
import type { Talk } from './talk.ts';

export interface TerminalViewParts {
  readonly talk: Talk;
  readonly results: Results;
  /** Answers that the command line gave: they are not asked for. */
  readonly given: Answers;
  /** A hint with commands that work here. */
  readonly asCalled: (hint: string) => string;
}

export class TerminalView implements View {
  readonly #talk: Talk;
  readonly #results: Results;
  readonly #given: Answers;
  readonly #asCalled: (hint: string) => string;
  /** While another program has the terminal, or a prompt of SSH is on it. */
  #isLent = false;
  /** Its title is on the screen: one that was left out by the command line has none. */
  #titled: string | undefined;
  /** What was found, and shown: not said again in the explanation. */
  #found = new Set<string>();

  constructor(parts: TerminalViewParts) {
    this.#talk = parts.talk;
    this.#results = parts.results;
    this.#given = parts.given;
    this.#asCalled = parts.asCalled;
  }

  async ask(_step: Step, explanation: Explanation, signal: AbortSignal): Promise<Answers | 'stop'> {
    this.#talk.lines(explanation.lines.filter(({ text }) => !this.#found.has(text)));
    const answers: Record<string, string | boolean> = {};
    for (const question of explanation.questions) {
      if (question.when && !question.when(answers)) continue;
      const given = this.#given[question.id];
      const answer =
        given !== undefined && wrongAnswer(question, given) === undefined
          ? given
          : await this.#question(question, signal);
      if (answer === undefined) return 'stop';
      answers[question.id] = answer;
    }
    return answers;
  }

  async failed(_step: Step, error: HotdeskError, signal: AbortSignal): Promise<'again' | 'skip' | 'stop'> {
    this.#talk.clear();
    this.#talk.lines([
      { kind: 'warning', text: error.message },
      ...(error.hint ? [{ kind: 'text', text: this.#asCalled(error.hint) } as const] : []),
    ]);
    const choices = [
      { value: 'again', label: 'Try again' },
      { value: 'skip', label: 'Go on without this step' },
      { value: 'stop', label: 'Stop here', hint: 'another run goes on from here' },
    ] as const;
    const answer = await this.#talk.select({ text: 'What now?', choices, default: 'again' }, signal);
    return choices.find(({ value }) => value === answer)?.value ?? 'stop';
  }

  event(event: WizardEvent): void {
    this.#results.event(event);
    switch (event.event) {
      case 'step':
        this.#titled = event.step;
        this.#talk.step(event.number, event.of, event.title);
        break;
      case 'looked':
        this.#looked(event.look);
        break;
      case 'doing':
        break;
      case 'progress':
        if (!this.#isLent) this.#talk.progress(event.text, Math.floor(event.ms / 1000));
        break;
      case 'outcome':
        this.#talk.clear();
        if (this.#titled === event.step) this.#outcome(event.outcome);
    }
  }

  /** Runs `work` with the terminal for itself. */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    this.#talk.clear();
    this.#isLent = true;
    try {
      return await work();
    } finally {
      this.#isLent = false;
    }
  }

  #looked(look: Look): void {
    this.#talk.clear();
    // What is done already is told with the outcome.
    const facts = look.state === 'done' ? [] : look.facts;
    this.#found = new Set(facts.map(({ text }) => text));
    this.#talk.lines(facts);
  }

  #outcome(outcome: Outcome): void {
    switch (outcome.how) {
      case 'done':
      case 'already':
        this.#told(outcome.lines);
        break;
      case 'skipped':
        this.#talk.outcome('skipped', 'left out');
        break;
      case 'declined':
        this.#talk.outcome('skipped', 'nothing was changed');
        break;
      case 'blocked':
        this.#talk.outcome('skipped', `not possible: ${outcome.error.message}`);
        break;
      case 'failed':
        this.#talk.outcome('failed', outcome.error.message);
    }
  }

  /** The first line is the outcome, the others are beside it. */
  #told(lines: readonly Line[]): void {
    const [first, ...more] = lines;
    this.#talk.outcome('done', first?.text ?? 'done');
    this.#talk.lines(more);
  }

  async #question(question: Question, signal: AbortSignal): Promise<string | boolean | undefined> {
    const { text } = question;
    switch (question.kind) {
      case 'confirm':
        return this.#talk.confirm(text, question.default, signal);
      case 'select':
        return this.#talk.select(question, signal);
      case 'text': {
        const check = (value: string) => wrongAnswer(question, value);
        return this.#talk.text({ text, default: question.default, check }, signal);
      }
      case 'password':
        return question.repeat ? this.#twice(text, signal) : this.#talk.secret(text, signal);
    }
  }

  async #twice(text: string, signal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      const first = await this.#talk.secret(text, signal);
      if (first === undefined || first === '') return first;
      const second = await this.#talk.secret('The same again', signal);
      if (second === undefined || second === first) return second;
      this.#talk.lines([{ kind: 'warning', text: 'The two are not the same.' }]);
    }
  }
}
