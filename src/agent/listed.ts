/** What a backend listed last. One that hangs keeps nobody waiting: what it said before is marked stale. */
import { sleep } from '../kernel/abort.ts';
import { type HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import type { Session } from '../model/session.ts';
import type { Backend } from '../profiles/backend.ts';
import { Fresh } from './fresh.ts';

/** A listing that takes longer is given up, in ms. */
const LIST_TIMEOUT_MS = 15_000;
/** Nobody waits for one longer than this, in ms. */
const PATIENCE_MS = 2500;
/** Nor for one that has not answered before: everybody would be late because of it, each time. */
const PATIENCE_IF_STALE_MS = 200;

export interface ListedDeps {
  onChange(): void;
  /** They were live and are no more, by the backend's own word; before `onChange`. */
  onGone?(sessions: readonly Session[]): void;
  onFailure(error: HotdeskError): void;
  /** For tests, in ms. */
  readonly patienceMs?: number;
}

export class Listed {
  readonly backend: Backend;
  readonly #deps: ListedDeps;
  #sessions: readonly Session[] = [];
  /** A listing that began before they did does not know of them. */
  readonly #fresh = new Fresh();
  #stale = false;
  #listing: Promise<void> | undefined;
  #again = false;
  #ended = false;

  constructor(backend: Backend, deps: ListedDeps) {
    this.backend = backend;
    this.#deps = deps;
  }

  sessions(): readonly Session[] {
    return this.#stale ? this.#sessions.map((session) => ({ ...session, stale: true })) : this.#sessions;
  }

  /** Lists again: one listing at a time, and one more for any number of changes meanwhile. */
  async refresh(): Promise<void> {
    if (this.#listing) this.#again = true;
    else {
      this.#listing = this.#list().finally(() => {
        this.#listing = undefined;
      });
    }
    const listing = this.#listing;
    const waited = new AbortController();
    const patience = this.#deps.patienceMs ?? PATIENCE_MS;
    const late = sleep(this.#stale ? Math.min(PATIENCE_IF_STALE_MS, patience) : patience, waited.signal).then(
      () => this.#listing === listing && this.#markStale(true),
      () => {},
    );
    await Promise.race([listing, late]);
    waited.abort();
  }

  /** A session that was just made, before a listing has it. */
  add(session: Session): void {
    this.#fresh.add(session);
    const others = this.#sessions.filter(
      (s) => s.localId !== session.localId || s.backend !== session.backend,
    );
    this.#sessions = [...others, session];
    this.#deps.onChange();
  }

  stop(): void {
    this.#ended = true;
  }

  async #list(): Promise<void> {
    do {
      this.#again = false;
      try {
        const listed = await this.#fresh.asked(this.backend.list(AbortSignal.timeout(LIST_TIMEOUT_MS)));
        const sessions = this.#fresh.within(listed);
        if (this.#ended) return;
        const gone = this.#sessions.filter((was) => isLive(was) && !sessions.some((is) => isSame(was, is)));
        if (gone.length > 0) this.#deps.onGone?.(gone);
        const changed = JSON.stringify(sessions) !== JSON.stringify(this.#sessions);
        this.#sessions = sessions;
        if (!this.#markStale(false) && changed) this.#deps.onChange();
      } catch (error) {
        if (this.#ended) return;
        this.#markStale(true);
        this.#deps.onFailure(toHotdeskError(error));
      }
    } while (this.#again && !this.#ended);
  }

  /** Returns whether that is a change that was told. */
  #markStale(stale: boolean): boolean {
    const changed = this.#stale !== stale && !this.#ended;
    this.#stale = stale;
    if (changed) this.#deps.onChange();
    return changed;
  }
}

function isLive({ state }: Session): boolean {
  return state === 'live';
}

/** Is that the session that it was, and does it live? */
function isSame(was: Session, is: Session): boolean {
  return was.localId === is.localId && was.backend === is.backend && isLive(is);
}
