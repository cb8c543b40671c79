/** Sessions that were started from here and that their host may not have told of yet. */
import { keyOf } from '../model/ref.ts';
import type { Session } from '../model/session.ts';

export class Fresh {
  readonly #sessions = new Map<string, Session>();

  add(session: Session): void {
    this.#sessions.delete(keyOf(session));
    this.#sessions.set(keyOf(session), session);
  }

  /** The answer to a question knows of what was started before it, or that it has ended. */
  async asked<T>(answer: Promise<T>): Promise<T> {
    const known = [...this.#sessions];
    const result = await answer;
    for (const [key, session] of known) if (this.#sessions.get(key) === session) this.#sessions.delete(key);
    return result;
  }

  /** A list that may be older than they are, with them. */
  within(sessions: readonly Session[]): readonly Session[] {
    const older = sessions.filter((session) => !this.#sessions.has(keyOf(session)));
    return [...older, ...this.#sessions.values()];
  }

  clear(): void {
    this.#sessions.clear();
  }
}
