/**
 * Brings questions (passwords, passphrases, one-time codes) to the view whose call needs them answered.
 * A view registers; its own calls may then ask it. Work in the background belongs to no call and asks nobody.
 *
 * A view has one question on its screen at a time, and the same thing is never asked at two places at once.
 */
import { cancelled } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import type { Prompter, PromptRequest } from '../ssh/ssh.ts';
import type { Call, Connection } from './api/server.ts';

/** Questions that may wait for one view. */
const WAITING_LIMIT = 50;

interface Question {
  readonly id: string;
  /** Alike for questions that ask the same. */
  readonly what: string;
  readonly view: Connection;
  readonly request: PromptRequest;
  isShown: boolean;
  settle(answers: readonly string[] | undefined): void;
}

export class Prompts {
  readonly #views = new Set<Connection>();
  /** In the order in which they were asked. */
  readonly #questions: Question[] = [];

  /** From now on the calls of this view may ask it. */
  attend(view: Connection): void {
    if (this.#views.has(view)) return;
    this.#views.add(view);
    view.onClose(() => {
      this.#views.delete(view);
      for (const question of this.#questions.filter((q) => q.view === view)) question.settle(undefined);
    });
  }

  /** Who is asked on behalf of a call; undefined: nobody. */
  of({ connection, signal }: Pick<Call, 'connection' | 'signal'>): Prompter | undefined {
    if (!this.#views.has(connection)) return undefined;
    return {
      ask: (request, gone) => this.#ask(connection, request, AbortSignal.any([signal, gone]), gone),
    };
  }

  /** @throws HotdeskError `bad-argument` for a question that this view is not asked (any more), or a wrong number of answers */
  answer(view: Connection, id: string, answers: readonly string[]): void {
    const question = this.#shown(view, id);
    if (answers.length !== question.request.prompts.length) {
      throw new HotdeskError('bad-argument', `There are ${question.request.prompts.length} answers to give.`);
    }
    question.settle(answers);
  }

  /** The person does not want to answer. @throws as answer does */
  refuse(view: Connection, id: string): void {
    this.#shown(view, id).settle(undefined);
  }

  #shown(view: Connection, id: string): Question {
    const question = this.#questions.find((q) => q.id === id && q.view === view && q.isShown);
    if (!question) throw new HotdeskError('bad-argument', 'That is not asked any more.');
    return question;
  }

  /** @param gone aborts when the answer is of no use: that is an error, unlike a refusal */
  #ask(
    view: Connection,
    request: PromptRequest,
    signal: AbortSignal,
    gone: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    return new Promise((resolve, reject) => {
      const waiting = this.#questions.filter((q) => q.view === view).length;
      if (signal.aborted || !this.#views.has(view) || waiting >= WAITING_LIMIT) return resolve(undefined);
      const question: Question = {
        id: randomId(),
        what: whatOf(request),
        view,
        request,
        isShown: false,
        settle: (answers) => {
          signal.removeEventListener('abort', onAbort);
          const at = this.#questions.indexOf(question);
          if (at >= 0) this.#questions.splice(at, 1);
          if (gone.aborted) reject(cancelled(gone));
          else resolve(answers);
          this.#showNext();
        },
      };
      const onAbort = () => {
        if (question.isShown) view.send('prompt.end', { id: question.id });
        question.settle(undefined);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#questions.push(question);
      this.#showNext();
    });
  }

  #showNext(): void {
    for (const question of this.#questions) {
      const blocked = this.#questions.some(
        (other) => other.isShown && (other.view === question.view || other.what === question.what),
      );
      if (question.isShown || blocked) continue;
      question.isShown = true;
      const { id, view, request } = question;
      view.send('prompt', { id, ...request, prompts: [...request.prompts] });
    }
  }
}

function whatOf({ kind, subject, user, host, port }: PromptRequest): string {
  return JSON.stringify(subject === undefined ? [kind, user, host, port] : [kind, subject]);
}
