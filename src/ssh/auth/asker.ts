/** Asks a person on behalf of one login: words the question, counts the tries, knows whether anybody is there. */
import { sanitise } from '../../kernel/text.ts';
import type { ResolvedTarget } from '../target.ts';
import type { Prompt, Prompter, PromptRequest, Round } from './auth.ts';

/** What a server may say at once: more is cut. */
const LINES = 20;
const LINE_LENGTH = 200;
/** Questions that a server may ask at once (RFC 4256 sets no limit; sshd takes 100 answers). */
const PROMPTS = 16;

type Question = Pick<PromptRequest, 'kind' | 'title' | 'prompts'> &
  Partial<Pick<PromptRequest, 'instruction' | 'subject' | 'attempt' | 'attempts' | 'serverMessage'>>;

export interface AskerOptions {
  readonly prompter?: Prompter | undefined;
  /** The host that was asked for, where the target is a jump host on the way to it. */
  readonly on?: string | undefined;
  /** A person has just asked for this login, even if there is no way to ask him anything. */
  readonly attended?: boolean | undefined;
}

export class Asker {
  /** The line that the login is for: aborts when that is gone. */
  signal: AbortSignal = new AbortController().signal;
  /** Told when a person is waited for, and when no more. */
  onWaiting: (waiting: boolean) => void = () => {};
  readonly #target: ResolvedTarget;
  readonly #prompter: Prompter | undefined;
  readonly #on: string | undefined;
  readonly #attended: boolean;
  #left: number;
  #refused = false;
  #banner = '';
  #waiting = 0;

  constructor(target: ResolvedTarget, options: AskerOptions = {}) {
    this.#target = target;
    this.#prompter = target.batchMode ? undefined : options.prompter;
    this.#on = options.on === target.name ? undefined : options.on;
    this.#attended = options.attended ?? false;
    this.#left = target.passwordPrompts;
  }

  /** The account, for people. */
  get who(): string {
    return `${this.#target.user}@${this.#target.name}`;
  }

  /** Somebody may be asked, who has not refused yet. */
  get canAsk(): boolean {
    return this.#prompter !== undefined && !this.#refused;
  }

  /** Somebody is there to touch a hardware key. */
  get mayTouch(): boolean {
    return this.#attended || this.canAsk;
  }

  /** Somebody was asked and gave no answer. */
  get refused(): boolean {
    return this.#refused;
  }

  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** Whether a further password, or exchange of questions, may be tried (NumberOfPasswordPrompts). */
  get mayTry(): boolean {
    return this.canAsk && this.#left > 0;
  }

  /** Takes one of the tries that passwords and keyboard-interactive share. */
  takeTry(): { readonly attempt: number; readonly attempts: number } {
    const attempts = this.#target.passwordPrompts;
    this.#left -= 1;
    return { attempt: attempts - this.#left, attempts };
  }

  /** What the server says before the login (RFC 4252 §5.4): shown with the next question. */
  hear(banner: string): void {
    this.#banner = linesOf(`${this.#banner}\n${banner}`);
  }

  /** The answers, one for each prompt; undefined when nobody gives them, and then nobody is asked again. */
  async ask(question: Question): Promise<readonly string[] | undefined> {
    if (!this.#prompter || this.#refused) return undefined;
    const { name: host, user, port } = this.#target;
    const serverMessage = question.serverMessage ?? this.#banner;
    this.#banner = '';
    const request: PromptRequest = {
      host,
      user,
      port,
      ...(this.#on === undefined ? {} : { on: this.#on }),
      instruction: '',
      attempt: 1,
      attempts: 1,
      ...question,
      ...(serverMessage === '' ? { serverMessage: undefined } : { serverMessage }),
    };
    const prompter = this.#prompter;
    const answers = await this.waiting(() =>
      prompter.ask(request, this.signal).catch((error: unknown) => {
        if (this.signal.aborted) throw error;
        return undefined;
      }),
    );
    if (answers?.length === question.prompts.length) return answers;
    this.#refused = true;
    return undefined;
  }

  /** Runs what a person may be waited for in: a touch of a key, an answer to the desktop. */
  async waiting<T>(work: () => Promise<T>): Promise<T> {
    this.#wait(1);
    try {
      return await work();
    } finally {
      this.#wait(-1);
    }
  }

  #wait(change: 1 | -1): void {
    const before = this.#waiting;
    this.#waiting += change;
    if ((before === 0) !== (this.#waiting === 0)) this.onWaiting(this.#waiting > 0);
  }
}

/** A server's words, line by line, safe to show; no empty lines at the ends, and no two in a row. */
export function linesOf(text: string): string {
  return text
    .slice(0, LINES * LINE_LENGTH * 4)
    .split(/\r\n|[\r\n]/u)
    .map((line) => sanitise(line, LINE_LENGTH))
    .filter((line, i, all) => line !== '' || (all[i - 1] ?? '') !== '')
    .slice(0, LINES)
    .join('\n')
    .trim();
}

/** A server's questions, safe to show; undefined: more than anybody should be asked. */
export function promptsOf(
  round: Round,
): { readonly instruction: string; readonly prompts: readonly Prompt[] } | undefined {
  if (round.prompts.length > PROMPTS) return undefined;
  const before: string[] = [];
  const prompts = round.prompts.map(({ prompt, echo }) => {
    // PAM's messages come before the question that follows them, in the same text.
    const lines = linesOf(prompt).split('\n');
    const question = lines.pop() ?? '';
    before.push(...lines);
    return { prompt: question, echo: echo ?? false };
  });
  return { instruction: linesOf([round.instruction, ...before].join('\n')), prompts };
}
