/** What a host runs by the user's own profiles, which its agent has not: listed there beside what that agent says. */
import { keyOf } from '../model/ref.ts';
import type { Session } from '../model/session.ts';
import type { Inventory } from '../protocol/api.ts';

export interface Surveyed {
  readonly sessions: readonly Session[];
  readonly backends: Record<string, string>;
}

const NOTHING: Surveyed = { sessions: [], backends: {} };

export class Besides {
  #found = NOTHING;

  /**
   * What was listed there now.
   * @param known the backends of its agent, whose sessions that agent tells of
   * @returns whether it is other than before
   */
  take({ sessions, backends }: Surveyed, known: Inventory['backends']): boolean {
    const found = { sessions: sessions.filter(({ backend }) => !(backend in known)), backends };
    const isNews = JSON.stringify(found) !== JSON.stringify(this.#found);
    this.#found = found;
    return isNews;
  }

  /** What its agent said, and this; where both tell of the same, as the agent does. */
  beside({ sessions, backends }: Pick<Inventory, 'sessions' | 'backends'>): Surveyed {
    const told = new Set(sessions.map(keyOf));
    return {
      sessions: [...sessions, ...this.#found.sessions.filter((session) => !told.has(keyOf(session)))],
      backends: { ...this.#found.backends, ...backends },
    };
  }

  clear(): void {
    this.#found = NOTHING;
  }
}
