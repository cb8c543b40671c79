/** From what hosts tell of single sessions to what this machine's seats are told, in the catalogue's names. */
import type { Catalogue } from '../catalogue/store.ts';
import type { Logger } from '../kernel/log.ts';
import type { Host } from '../model/host.ts';
import { formatRef } from '../model/ref.ts';
import type { Session } from '../model/session.ts';
import type { Viewer } from '../model/viewer.ts';
import type { Backend } from '../profiles/backend.ts';
import type { EventData, Party } from '../protocol/api.ts';
import { tellEnds } from './ends.ts';
import type { SeatEvents } from './seat-events.ts';

export interface SessionNewsDeps {
  readonly me: Party;
  readonly log: Logger;
  readonly catalogue: Pick<Catalogue, 'rows'>;
  readonly events: Pick<SeatEvents, 'ended' | 'stopped' | 'taken'>;
}

export class SessionNews {
  readonly #deps: SessionNewsDeps;

  constructor(deps: SessionNewsDeps) {
    this.#deps = deps;
  }

  /** Sessions of this machine are not listed any more. Resolves when it is told how they ended. */
  async gone(backend: Backend, sessions: readonly Session[]): Promise<void> {
    const { me, log, catalogue, events } = this.#deps;
    const name = catalogue.rows().hosts.find((host) => host.state === 'local')?.name ?? me.host;
    await tellEnds(
      backend,
      sessions,
      (session, end) => {
        const { backend: of, localId } = session;
        events.ended({ backend: of, localId, ref: formatRef(session, name), end, isHere: true });
      },
      log,
    );
  }

  /** These viewers were shown here until somebody took their session over. */
  taken(viewers: readonly Viewer[], event: EventData<'handover'>): void {
    const { me, catalogue, events } = this.#deps;
    const { sessions } = catalogue.rows();
    for (const viewer of viewers) {
      const session = sessions.find(({ ref }) => ref === viewer.ref);
      events.taken(viewer, session, event, me);
    }
  }

  /** Somebody stops a session of another host. */
  stopping(hostKey: string, { backend, localId, by }: EventData<'stopping'>): void {
    const { catalogue, events } = this.#deps;
    const session = catalogue
      .rows()
      .sessions.find((s) => s.hostKey === hostKey && s.backend === backend && s.localId === localId);
    if (session) events.stopped(session, by);
  }

  /** A session of another host has ended. */
  ended({ name }: Pick<Host, 'name'>, event: EventData<'ended'>): void {
    this.#deps.events.ended({ ...event, ref: formatRef(event, name), isHere: false });
  }
}
