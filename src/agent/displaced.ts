/** Viewers whose session is being taken from here: closed when the handover is done, brought back when it has failed. */
import { sleep } from '../kernel/abort.ts';
import { toHotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import { keyOf } from '../model/ref.ts';
import type { Viewer } from '../model/viewer.ts';
import type { EventData, Party } from '../protocol/api.ts';

/** A viewer as far as a handover is concerned. */
export interface Displaceable {
  readonly viewer: Viewer;
  /** Opens it again as it was. */
  readonly reopen: () => Promise<unknown>;
  /** Is it still there, without its session, for the outcome of a handover? */
  readonly displaced: () => boolean;
  /** Ended because somebody said so: nothing brings it back. */
  readonly closed: boolean;
}

export interface DisplacedDeps<E extends Displaceable> {
  readonly log: Logger;
  /** Those that show the session now. */
  of(hostKey: string, session: { backend: string; localId: string }): readonly E[];
  isOpen(entry: E): boolean;
  close(entry: E): Promise<void>;
  /** These were shown here until somebody took their session over. */
  onTaken(viewers: readonly Viewer[], event: EventData<'handover'>): void;
}

interface Pending<E> {
  readonly event: EventData<'handover'>;
  readonly entries: readonly E[];
  /** It has failed, and its entries are being brought back. */
  failed: boolean;
}

/** A viewer that lost its session takes a while to end: after a failed handover it is watched so long, in ms. */
const ENDING_MS = 15_000;
const LOOK_MS = 50;

export class Displaced<E extends Displaceable> {
  readonly #deps: DisplacedDeps<E>;
  readonly #pending = new Map<string, Pending<E>>();
  #ended = false;

  constructor(deps: DisplacedDeps<E>) {
    this.#deps = deps;
  }

  /** A handover of a session on `hostKey` began, was done, or failed. */
  onHandover(hostKey: string, event: EventData<'handover'>): void {
    const key = pendingKey(hostKey, event);
    const before = this.#pending.get(key);
    if (event.phase === 'begin') {
      const open = this.#deps.of(hostKey, event);
      const ids = new Set(open.map((entry) => entry.viewer.id));
      // Those that the handover before this one took, and that are not back yet.
      const owed = before?.entries.filter((entry) => !ids.has(entry.viewer.id)) ?? [];
      this.#pending.set(key, { event, entries: [...open, ...owed], failed: false });
      return;
    }
    if (!before || before.failed) return;
    if (event.phase === 'done') {
      this.#pending.delete(key);
      const gone = before.entries.filter((entry) => !entry.closed).map((entry) => entry.viewer);
      for (const entry of before.entries) if (this.#deps.isOpen(entry)) void this.#deps.close(entry);
      if (gone.length > 0) this.#deps.onTaken(gone, event);
      return;
    }
    before.failed = true;
    const back = before.entries.map((entry) =>
      this.#bringBack(entry, () => this.#pending.get(key) === before),
    );
    void Promise.all(back).then(() => {
      if (this.#pending.get(key) === before) this.#pending.delete(key);
    });
  }

  /** Sessions that are being taken from here, by an agent whose word on the outcome may never come. */
  taken(hostKey: string): readonly EventData<'handover'>[] {
    const open = [...this.#pending].filter(([key, { failed }]) => !failed && key.startsWith(`${hostKey}\0`));
    return open.map(([, { event }]) => event);
  }

  /** Who is taking the session over just now, if anyone. */
  movingBy(hostKey: string, session: { backend: string; localId: string }): Party | undefined {
    return this.#pending.get(pendingKey(hostKey, session))?.event.by;
  }

  /** Nothing is brought back any more. */
  end(): void {
    this.#ended = true;
  }

  /** Opens it again as soon as it has ended; one that does not end was never displaced. */
  async #bringBack(entry: E, isWanted: () => boolean): Promise<void> {
    const deps = this.#deps;
    for (let waited = 0; deps.isOpen(entry) && !entry.displaced(); waited += LOOK_MS) {
      if (waited > ENDING_MS || !isWanted()) return;
      await sleep(LOOK_MS);
    }
    if (this.#ended || !isWanted() || entry.closed) return;
    const { hostKey, seat, ref } = entry.viewer;
    // An earlier failure may have brought it back already.
    if (!deps.isOpen(entry) && deps.of(hostKey, entry.viewer).some(({ viewer }) => viewer.seat === seat))
      return;
    deps.log.info({ ref }, 'the handover failed: the session is opened here again');
    try {
      await entry.reopen();
    } catch (error) {
      deps.log.warn({ ref, code: toHotdeskError(error).code }, 'could not open it again');
    }
  }
}

function pendingKey(hostKey: string, session: { backend: string; localId: string }): string {
  return `${hostKey}\0${keyOf(session)}`;
}
