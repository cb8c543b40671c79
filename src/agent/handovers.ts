/**
 * The host's part of a handover: one at a time for each session, and whoever watched before is told
 * how it ended, so that a seat whose viewer was displaced for nothing takes the session back.
 */
import type { Clock } from '../kernel/clock.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import { keyOf } from '../model/ref.ts';
import type { EventData, Party } from '../protocol/api.ts';

/** A handover that its mover never ends is taken as failed after this, in ms. */
const LIMIT_MS = 90_000;

interface SessionAt {
  readonly backend: string;
  readonly localId: string;
}

/** Somebody who watches sessions of this host: a peer's connection, or this machine's own viewers. */
export interface Audience {
  /** Does it show that session now? */
  watches(session: SessionAt): boolean;
  tell(event: EventData<'handover'>): void;
}

/** After a failure, whoever it was taken from is told of the next handover too: it may not be back yet, in ms. */
const OWED_MS = 30_000;

/** A window that shows takes so long to be drawn, in ms. */
const DRAWN_MS = 500;

interface Open extends SessionAt {
  readonly token: string;
  readonly by: Party;
  readonly asked: Party | undefined;
  readonly before: readonly Audience[];
  readonly cancelTimer: () => void;
}

export class Handovers {
  readonly #audiences = new Set<Audience>();
  readonly #open = new Map<string, Open>();
  readonly #owed = new Map<string, { readonly to: readonly Audience[]; readonly until: number }>();
  readonly #clock: Clock;
  #drawnAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  join(audience: Audience): () => void {
    this.#audiences.add(audience);
    return () => this.#audiences.delete(audience);
  }

  /** Is one under way, or what it opened still drawn? */
  get isBusy(): boolean {
    return this.#open.size > 0 || this.#clock.now() < this.#drawnAt;
  }

  /** @throws HotdeskError `session-busy` */
  begin(session: SessionAt, by: Party, asked?: Party): string {
    for (const other of this.#open.values()) {
      if (other.backend === session.backend && other.localId === session.localId) {
        throw new HotdeskError('session-busy', `${other.by.host} is taking that session over just now.`, {
          hint: 'Try again in a moment.',
        });
      }
    }
    const token = randomId();
    const owed = this.#owed.get(keyOf(session));
    const stillOwed = owed && this.#clock.now() < owed.until ? owed.to : [];
    const before = [...this.#audiences].filter((a) => stillOwed.includes(a) || a.watches(session));
    const cancelTimer = this.#clock.after(LIMIT_MS, () => this.end(token, false));
    this.#open.set(token, { ...session, token, by, asked, before, cancelTimer });
    this.#tell(before, session, 'begin', { by, asked });
    return token;
  }

  /** Ending twice, or with an unknown token, does nothing. */
  end(token: string, ok: boolean): void {
    const handover = this.#open.get(token);
    if (!handover) return;
    this.#open.delete(token);
    this.#drawnAt = this.#clock.now() + DRAWN_MS;
    handover.cancelTimer();
    if (ok) this.#owed.delete(keyOf(handover));
    else this.#owed.set(keyOf(handover), { to: handover.before, until: this.#clock.now() + OWED_MS });
    this.#tell(handover.before, handover, ok ? 'done' : 'failed', handover);
  }

  #tell(
    to: readonly Audience[],
    { backend, localId }: SessionAt,
    phase: 'begin' | 'done' | 'failed',
    { by, asked }: { by: Party; asked: Party | undefined },
  ) {
    const event = { backend, localId, phase, by, ...(asked ? { asked } : {}) };
    for (const audience of to) {
      if (this.#audiences.has(audience)) audience.tell(event);
    }
  }
}
