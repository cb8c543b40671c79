/** Which sessions of this host are shown where, as the agents of the seats tell: gone with their connection. */
import type { Session, Watcher } from '../model/session.ts';
import type { EventData, Params, Party } from '../protocol/api.ts';
import type { Connection } from './api/server.ts';
import type { Audience, Handovers } from './handovers.ts';

type Announcement = Params<'viewers.announce'>['viewers'];

export class Announced {
  readonly #handovers: Handovers;
  readonly #onChange: (backends: ReadonlySet<string>) => void;
  readonly #peers = new Map<Connection, Announcement>();

  /** @param onChange told whose sessions have other viewers now */
  constructor(handovers: Handovers, onChange: (backends: ReadonlySet<string>) => void) {
    this.#handovers = handovers;
    this.#onChange = onChange;
  }

  set(connection: Connection, viewers: Announcement): void {
    const before = this.#peers.get(connection);
    if (!before) this.#join(connection);
    this.#peers.set(connection, viewers);
    this.#tell(before ?? [], viewers);
  }

  /**
   * A session's watchers: the backend's own list is the truth of how many there are; what the seats
   * say tells whose they are.
   */
  complete(session: Session, own: readonly { id: string }[], me: Party): Session {
    const said: Watcher[] = own.map((v) => ({ viewerId: v.id, hostId: me.hostId, host: me.host }));
    for (const [connection, viewers] of this.#peers) {
      for (const v of viewers) {
        if (v.backend !== session.backend || v.localId !== session.localId) continue;
        const { hostId, host } = connection.hello;
        said.push({ viewerId: v.viewerId, ...(hostId ? { hostId } : {}), ...(host ? { host } : {}) });
      }
    }
    return { ...session, watchers: mergeWatchers(session.watchers, said) };
  }

  #join(connection: Connection): void {
    const audience: Audience = {
      watches: (session) =>
        (this.#peers.get(connection) ?? []).some(
          (v) => v.backend === session.backend && v.localId === session.localId,
        ),
      tell: (event: EventData<'handover'>) => connection.send('handover', event),
    };
    const leave = this.#handovers.join(audience);
    connection.onClose(() => {
      leave();
      const before = this.#peers.get(connection) ?? [];
      this.#peers.delete(connection);
      this.#tell(before, []);
    });
  }

  /** A seat tells all of its viewers whenever one of them changes in any way: mostly it is no news here. */
  #tell(before: Announcement, now: Announcement): void {
    const backends = otherViewers(before, now);
    if (backends.size > 0) this.#onChange(backends);
  }
}

/** Pure: the backends of the viewers that came, went, or show another session. */
export function otherViewers(before: Announcement, now: Announcement): ReadonlySet<string> {
  const keyOf = (v: Announcement[number]) => JSON.stringify([v.viewerId, v.backend, v.localId]);
  const missingIn = (others: Announcement) => {
    const keys = new Set(others.map(keyOf));
    return (v: Announcement[number]) => !keys.has(keyOf(v));
  };
  const news = [...before.filter(missingIn(now)), ...now.filter(missingIn(before))];
  return new Set(news.map(({ backend }) => backend));
}

/** Pure: each watcher once, with the most that is known of it. */
export function mergeWatchers(seen: readonly Watcher[], said: readonly Watcher[]): Watcher[] {
  const open = [...said];
  const take = (match: (w: Watcher) => boolean): Watcher | undefined => {
    const at = open.findIndex(match);
    return at < 0 ? undefined : open.splice(at, 1)[0];
  };
  // A backend that knows nobody's name tells how many there are: ours are among them.
  const onlyCounted = seen.every((watcher) => !watcher.viewerId && !watcher.host);
  const merged = seen.map((watcher) => {
    const same =
      (watcher.viewerId && take((w) => w.viewerId === watcher.viewerId)) ||
      (!watcher.viewerId && watcher.host && take((w) => w.host === watcher.host)) ||
      (onlyCounted && take(() => true)) ||
      undefined;
    return { ...watcher, ...same };
  });
  // A viewer that has just opened may not be in the backend's list yet.
  return [...merged, ...open];
}

/**
 * Pure: who watches now, where the backend tells only how many: of those that were known a moment ago
 * as many as it counts.
 */
export function whoWatches(now: readonly Watcher[], known: readonly Watcher[]): readonly Watcher[] {
  const onlyCounted = now.length > 0 && now.every((watcher) => !watcher.viewerId && !watcher.host);
  return onlyCounted ? now.map((watcher, i) => known[i] ?? watcher) : now;
}
