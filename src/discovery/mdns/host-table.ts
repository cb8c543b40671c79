/** The addresses of the hosts that service instances on one link point to. Nobody else's are kept. */
import type { HostAddress } from '../../model/host.ts';
import { isLinkLocal6, isReachable, type LinkView } from '../subnet.ts';
import { hostLabels } from './entry.ts';
import { dropExpired, type Held, hold, nextOf, type Reception, refreshDue, sayGoodbye } from './held.ts';
import { LIMITS } from './limits.ts';
import type { MdnsRecord } from './packet.ts';
import type { Question } from './query.ts';

interface Host {
  readonly a: Held<undefined>[];
  readonly aaaa: Held<undefined>[];
  /** Ids of the instances that point to it. */
  readonly users: Set<string>;
}

export class HostTable {
  readonly #hosts = new Map<string, Host>();
  readonly #targets = new Map<string, ReadonlySet<string>>();

  /** The instance `id` points to these hosts (names folded) and to no others. */
  point(id: string, targets: ReadonlySet<string>): void {
    for (const name of this.#targets.get(id) ?? []) {
      if (targets.has(name)) continue;
      const host = this.#hosts.get(name);
      host?.users.delete(id);
      if (host?.users.size === 0) this.#hosts.delete(name);
    }
    for (const name of targets) {
      const host = this.#hosts.get(name) ?? { a: [], aaaa: [], users: new Set<string>() };
      host.users.add(id);
      this.#hosts.set(name, host);
    }
    if (targets.size > 0) this.#targets.set(id, targets);
    else this.#targets.delete(id);
  }

  hasAddress(name: string): boolean {
    const host = this.#hosts.get(name);
    return host !== undefined && host.a.length + host.aaaa.length > 0;
  }

  /** @returns the instances that it changes something for, and when to look again */
  receive(name: string, record: MdnsRecord & { type: 'A' | 'AAAA' }, link: LinkView, at: Reception) {
    const host = this.#hosts.get(name);
    if (!host || !isReachable(record.address, link.onLink)) return undefined;
    const list = record.type === 'A' ? host.a : host.aaaa;
    let isNew = false;
    if (record.ttl > 0) isNew = hold(list, record.address, undefined, record, at, LIMITS.addresses);
    else for (const held of list) if (held.key === record.address) sayGoodbye(held, at.now);
    return { users: isNew ? host.users : [], next: nextOf(list) };
  }

  addressesOf(name: string, link: LinkView): HostAddress[] {
    const host = this.#hosts.get(name);
    const v4 = (host?.a ?? []).map(({ key }): HostAddress => ({ address: key, family: 4 }));
    const v6 = (host?.aaaa ?? []).map(({ key }): HostAddress => {
      const scope = isLinkLocal6(key) ? { scope: link.name } : {};
      return { address: key, family: 6, ...scope };
    });
    return [...v4, ...v6].filter(({ address }) => isReachable(address, link.onLink));
  }

  /** Drops what has expired; says what to ask, whom it changes something for, and when to look again. */
  tick(now: number, soon: number) {
    const questions: Question[] = [];
    const touched: string[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [name, host] of this.#hosts) {
      const gone = [dropExpired(host.a, now), dropExpired(host.aaaa, now)];
      if (gone.includes(true)) touched.push(...host.users);
      if (refreshDue(host.a, soon)) questions.push({ labels: hostLabels(name), type: 'A' });
      if (refreshDue(host.aaaa, soon)) questions.push({ labels: hostLabels(name), type: 'AAAA' });
      next = Math.min(next, nextOf(host.a), nextOf(host.aaaa));
    }
    return { questions, touched, next };
  }
}
