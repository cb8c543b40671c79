/** What views are told of the sessions at this machine's seats: opened or taken by others, stopped by somebody, ended. */
import { sanitise, sanitiseName } from '../kernel/text.ts';
import type { HostSession } from '../model/session.ts';
import { END_LINE_LIMIT } from '../model/session-end.ts';
import type { Viewer } from '../model/viewer.ts';
import type { EventData, Party, SeatEvent } from '../protocol/api.ts';

export interface Ended extends EventData<'ended'> {
  readonly ref: string;
  /** A session of this host: other machines' agents know of it from here alone. */
  readonly isHere: boolean;
}

export class SeatEvents {
  readonly #listeners = new Set<(event: SeatEvent) => void>();
  readonly #peers = new Set<(event: EventData<'stopping'>) => void>();
  readonly #ends = new Set<(event: Ended) => void>();

  /** @returns the way to stop listening */
  on(listener: (event: SeatEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For the other machines' agents: which sessions of this host are being stopped. @returns the way to stop listening */
  onStopping(listener: (event: EventData<'stopping'>) => void): () => void {
    this.#peers.add(listener);
    return () => this.#peers.delete(listener);
  }

  /** How sessions ended. @returns the way to stop listening */
  onEnded(listener: (event: Ended) => void): () => void {
    this.#ends.add(listener);
    return () => this.#ends.delete(listener);
  }

  /** Another machine has opened it at that seat of this one. */
  opened(session: HostSession, seat: string, by: Party, from: string | undefined): void {
    this.#tell({ what: 'opened', seat, ...about(session), by: tidy(by), ...(from ? { from } : {}) });
  }

  /** A handover ended the viewer here. What this machine does itself, or asked for, is no news. */
  taken(
    viewer: Pick<Viewer, 'ref' | 'seat'>,
    session: HostSession | undefined,
    event: EventData<'handover'>,
    me: Party,
  ): void {
    if (event.by.hostId === me.hostId || event.asked?.hostId === me.hostId) return;
    const host = viewer.ref.slice(viewer.ref.lastIndexOf('@') + 1);
    const known = session ? about(session) : { ref: viewer.ref, name: viewer.ref, host };
    const asked = event.asked ? { asked: tidy(event.asked) } : {};
    this.#tell({ what: 'taken', seat: viewer.seat, ...known, by: tidy(event.by), ...asked });
  }

  /** Somebody stops it: its end is no surprise. */
  stopped(session: HostSession, by: Party): void {
    this.#tell({ what: 'stopped', ...about(session), by: tidy(by) });
  }

  /** A session of this host is being stopped: the agents that watch it tell their views. */
  stoppingHere({ backend, localId }: { backend: string; localId: string }, by: Party): void {
    for (const listener of this.#peers) listener({ backend, localId, by: tidy(by) });
  }

  /** What it said last may come from anywhere. */
  ended({ end, ...event }: Ended): void {
    const tidied = { ...end, lines: end.lines.map((line) => sanitise(line, END_LINE_LIMIT)) };
    for (const listener of this.#ends) listener({ ...event, end: tidied });
  }

  #tell(event: SeatEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function about({ ref, name, host }: HostSession): Pick<SeatEvent, 'ref' | 'name' | 'host'> {
  return { ref, name, host };
}

function tidy({ hostId, host }: Party): Party {
  return { hostId: hostId.slice(0, 64), host: sanitiseName(host, 'another machine') };
}
