/** Every host that this agent has asked, by the host key it had when it was first asked. */

import type { Catalogue } from '../catalogue/store.ts';
import { HotdeskError } from '../kernel/errors.ts';
import type { Host } from '../model/host.ts';
import { namesOf } from '../model/host.ts';
import { hostMatches } from '../model/ref.ts';
import type { Viewer } from '../model/viewer.ts';
import type { EventData } from '../protocol/api.ts';
import { HostLink, type LinkDeps } from './link.ts';

export interface LinksDeps
  extends Pick<LinkDeps, 'me' | 'clock' | 'log' | 'dial' | 'survey' | 'surveyOwn' | 'idleMs'> {
  readonly catalogue: Catalogue;
  /** Finders look again at what makes up that host. */
  suspect(host: Host): void;
  viewers(): readonly Viewer[];
  onHandover(hostKey: string, event: EventData<'handover'>): void;
  onStopping(hostKey: string, event: EventData<'stopping'>): void;
  onEnded(host: Host, event: EventData<'ended'>): void;
  onPeerLost(hostKey: string): void;
}

/** Hosts that are being connected to at once without anybody having named them. */
const CONNECTING_LIMIT = 12;
/** Hosts that are looked at without anybody having named them. */
const LINK_LIMIT = 300;

export class Links {
  readonly #deps: LinksDeps;
  readonly #links = new Map<string, HostLink>();

  constructor(deps: LinksDeps) {
    this.#deps = deps;
  }

  /** The link to `host`, made if there is none. */
  to(host: Host): HostLink {
    const { catalogue } = this.#deps;
    const key = catalogue.rows().answerOf.get(host.key) ?? host.key;
    const known = this.#links.get(key);
    if (known) return known;
    const { me, clock, log, dial, survey, surveyOwn, idleMs } = this.#deps;
    const link = new HostLink({
      me,
      clock,
      log,
      dial,
      survey,
      surveyOwn,
      idleMs,
      host: () => this.#row(key),
      onAnswer: (answer) => catalogue.answer(key, answer),
      onTrouble: () => {
        const row = this.#row(key);
        if (row) this.#deps.suspect(row);
      },
      onHandover: (event) => this.#deps.onHandover(this.#row(key)?.key ?? key, event),
      onStopping: (event) => this.#deps.onStopping(this.#row(key)?.key ?? key, event),
      onEnded: (event) => {
        const row = this.#row(key);
        if (row) this.#deps.onEnded(row, event);
      },
      onPeerLost: () => this.#deps.onPeerLost(this.#row(key)?.key ?? key),
      viewers: () =>
        this.#deps
          .viewers()
          .filter((v) => v.state === 'shown' && v.hostKey === (this.#row(key)?.key ?? key))
          .map(({ id, backend, localId }) => ({ viewerId: id, backend, localId })),
    });
    this.#links.set(key, link);
    return link;
  }

  /**
   * Looks at every host that may be asked without asking the user; those that need him are left.
   * A few at a time, and not more than a LAN has: anybody can advertise a thousand.
   */
  lookAround(mayAsk: (host: Host) => boolean): void {
    let connecting = [...this.#links.values()].filter((link) => link.state === 'connecting').length;
    for (const host of this.#deps.catalogue.rows().hosts) {
      if (host.state === 'local' || !mayAsk(host)) continue;
      const isNew = host.state === 'found';
      if (isNew && (connecting >= CONNECTING_LIMIT || this.#links.size >= LINK_LIMIT)) continue;
      if (isNew) connecting += 1;
      this.to(host).want();
    }
  }

  /** Ends the connection to `host` and forgets its answer. @returns false where its sessions are shown here */
  leave(host: Host): boolean {
    const { catalogue } = this.#deps;
    const key = catalogue.rows().answerOf.get(host.key) ?? host.key;
    if (this.#deps.viewers().some((viewer) => viewer.hostKey === host.key)) return false;
    this.#links.get(key)?.end();
    this.#links.delete(key);
    catalogue.answer(key, undefined);
    return true;
  }

  /** The row that `host` has become, by what it was asked under; undefined when it is gone. */
  rowOf(host: Host): Host | undefined {
    return this.#row(this.#deps.catalogue.rows().answerOf.get(host.key) ?? host.key);
  }

  /** Our viewers changed: the hosts that have an agent are told. */
  announce(): void {
    for (const link of this.#links.values()) void link.announce();
  }

  end(): void {
    for (const link of this.#links.values()) link.end();
  }

  #row(key: string): Host | undefined {
    const { hosts, answerOf } = this.#deps.catalogue.rows();
    return hosts.find((h) => answerOf.get(h.key) === key) ?? hosts.find((h) => h.key === key);
  }
}

/**
 * The host that `text` means.
 * @throws HotdeskError `unknown-host` or `ambiguous`, with candidates
 */
export function pickHost(text: string, hosts: readonly Host[]): Host {
  const exact = hosts.filter((h) => hostMatches(text, [h.name]));
  const found = exact.length ? exact : hosts.filter((h) => hostMatches(text, namesOf(h)));
  const local = /^(localhost|here|\.)$/iu.test(text) ? hosts.find((h) => h.state === 'local') : undefined;
  if (local) return local;
  if (found.length === 1 && found[0]) return found[0];
  if (found.length > 1) {
    throw new HotdeskError('ambiguous', `“${text}” could be ${found.length} hosts.`, {
      candidates: found.map((h) => h.name),
      hint: 'Write the address, or the name that `hotdesk hosts` shows.',
    });
  }
  const candidates = hosts.map((h) => h.name);
  throw new HotdeskError('unknown-host', `There is no host “${text}”.`, {
    candidates: candidates.slice(0, 8),
    hint: `If it is not on this network: \`hotdesk setup ${text}\`. See \`hotdesk hosts\`.`,
  });
}
