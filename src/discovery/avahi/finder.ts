/**
 * Finds hosts through avahi-daemon. Where hotdesk can listen to mDNS itself it does (see
 * docs/decisions.md); this is for machines where port 5353 cannot be had.
 */
import { networkInterfaces } from 'node:os';
import { cancelled } from '../../kernel/abort.ts';
import type { BusSignal } from '../../kernel/bus.ts';
import type { Clock } from '../../kernel/clock.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/log.ts';
import { type Instance, SightingBook } from '../book.ts';
import type { Finder, FinderSink } from '../finder.ts';
import { linksOf } from '../interfaces.ts';
import { foldName, HOTDESK, SERVICE_TYPES } from '../services.ts';
import { type Link, type LinkView, subnetOf } from '../subnet.ts';
import type { AvahiDaemon } from './daemon.ts';
import { type Item, instanceOf, itemKey, itemOf } from './resolved.ts';

export interface AvahiFinderParts {
  readonly daemon: AvahiDaemon;
  readonly clock: Clock;
  readonly log: Logger;
  readonly links?: () => readonly Link[];
}

/** AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC. */
const ANY = -1;
/** The daemon allows one client 1,024 objects (objects-per-client-max). */
const RESOLVER_LIMIT = 900;
/** Instances that are kept in all; what is over is a flood. */
const ITEM_LIMIT = 4096;
const TELL_MS = 15;
const ORPHAN_LIMIT = 4096;

interface Resolving {
  readonly item: Item;
  /** Path of its ServiceResolver while there is one. */
  path: string;
  gone: boolean;
  instance: Instance | undefined;
}

export class AvahiFinder implements Finder {
  readonly name = 'avahi' as const;
  readonly #parts: AvahiFinderParts;
  #book = new SightingBook('avahi');
  readonly #items = new Map<string, Resolving>();
  readonly #byPath = new Map<string, Resolving>();
  readonly #browsers = new Set<string>();
  /** Signals of objects whose path is not known yet: the reply that names it is still being handled. */
  #orphans: BusSignal[] = [];
  /** How many such replies are waited for: without one, a signal is of an object that was freed. */
  #making = 0;
  /** The daemon that has the objects. */
  #owner = '';
  readonly #linkNames = new Map<number, string>();
  #sink: FinderSink | undefined;
  #unsubscribe = () => {};
  #cancelTell: (() => void) | undefined;

  constructor(parts: AvahiFinderParts) {
    this.#parts = parts;
  }

  /** Whether the daemon that it asked still runs: another one has nothing of what it looks for. */
  get works(): boolean {
    return this.#sink !== undefined && this.#parts.daemon.owner === this.#owner;
  }

  /** @throws HotdeskError `mdns-unavailable` where the daemon does not run, `cancelled` where it is stopped meanwhile */
  async start(sink: FinderSink): Promise<void> {
    this.#sink = sink;
    this.#owner = this.#parts.daemon.owner;
    this.#book = new SightingBook('avahi');
    this.#unsubscribe = this.#parts.daemon.onSignal((signal) => this.#receive(signal));
    try {
      for (const type of SERVICE_TYPES) {
        await this.#make('ServiceBrowserNew', 'iissu', [ANY, ANY, type, '', 0], (path) => {
          if (this.#sink !== sink) {
            void this.#release(path, 'ServiceBrowser');
            throw cancelled();
          }
          this.#browsers.add(path);
        });
      }
    } catch (error) {
      if (this.#sink === sink) await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
    this.#unsubscribe();
    this.#cancelTell?.();
    this.#cancelTell = undefined;
    const browsers = [...this.#browsers];
    const resolvers = [...this.#byPath.keys()];
    this.#browsers.clear();
    this.#byPath.clear();
    // What is being resolved is not wanted any more when its resolver comes.
    for (const resolving of this.#items.values()) resolving.gone = true;
    this.#items.clear();
    this.#orphans = [];
    await Promise.all([
      ...browsers.map((path) => this.#release(path, 'ServiceBrowser')),
      ...resolvers.map((path) => this.#release(path, 'ServiceResolver')),
    ]);
  }

  /** Avahi offers no reconfirmation over D-Bus: it finds out by itself when the records expire. */
  suspect(): void {}

  /** The daemon's reply, unless it is another one by now: that has no object of ours, or one of the same path. */
  async #call(path: string, kind: string, member: string, signature?: string, body?: readonly unknown[]) {
    if (!this.#owner || this.#parts.daemon.owner !== this.#owner) {
      throw new HotdeskError('mdns-unavailable', 'avahi-daemon has ended.');
    }
    return await this.#parts.daemon.call(path, kind, member, signature, body);
  }

  /** Has an object made; `keep` is told its path before its signals are heard. */
  async #make(
    member: string,
    signature: string,
    body: unknown[],
    keep: (path: string) => void,
  ): Promise<void> {
    this.#making += 1;
    try {
      const [made] = await this.#call('/', 'Server', member, signature, body);
      const path = String(made);
      keep(path);
      const mine = this.#orphans.filter((signal) => signal.path === path);
      this.#orphans = this.#orphans.filter((signal) => signal.path !== path);
      for (const signal of mine) this.#receive(signal);
    } finally {
      this.#making -= 1;
      if (this.#making === 0) this.#orphans = [];
    }
  }

  async #release(path: string, kind: 'ServiceBrowser' | 'ServiceResolver'): Promise<void> {
    await this.#call(path, kind, 'Free').catch(() => {});
  }

  #receive(signal: BusSignal): void {
    if (this.#parts.daemon.owner !== this.#owner) return;
    const resolving = this.#byPath.get(signal.path);
    if (resolving) this.#resolved(resolving, signal);
    else if (this.#browsers.has(signal.path)) this.#browsed(signal);
    else if (this.#making > 0 && this.#orphans.length < ORPHAN_LIMIT) this.#orphans.push(signal);
  }

  #browsed(signal: BusSignal): void {
    if (signal.member === 'Failure') {
      this.#sink?.problem(new HotdeskError('mdns-unavailable', 'avahi-daemon stopped looking for hosts.'));
      return;
    }
    const item = itemOf(signal.body);
    if (!item) return;
    const key = itemKey(item);
    const known = this.#items.get(key);
    if (signal.member === 'ItemRemove' && known) {
      known.gone = true;
      this.#items.delete(key);
      void this.#free(known);
      this.#tell(known.item);
    } else if (signal.member === 'ItemNew' && !known && this.#items.size < ITEM_LIMIT) {
      const resolving: Resolving = { item, path: '', gone: false, instance: undefined };
      this.#items.set(key, resolving);
      this.#resolve(resolving).catch((error: unknown) => {
        this.#parts.log.debug({ name: item.name, error: String(error) }, 'avahi resolve');
      });
    }
  }

  async #resolve(resolving: Resolving): Promise<void> {
    const { index, protocol, name, type, domain } = resolving.item;
    if (!this.#linkNames.has(index)) {
      const [link] = await this.#call('/', 'Server', 'GetNetworkInterfaceNameByIndex', 'i', [index]);
      this.#linkNames.set(index, String(link));
    }
    if (resolving.gone || !this.#viewOf(index)) return;
    const body = [index, protocol, name, type, domain, protocol, 0];
    await this.#make('ServiceResolverNew', 'iisssiu', body, (path) => {
      if (resolving.gone) return void this.#release(path, 'ServiceResolver');
      resolving.path = path;
      this.#byPath.set(path, resolving);
    });
  }

  #resolved(resolving: Resolving, signal: BusSignal): void {
    if (signal.member !== 'Found') return;
    const view = this.#viewOf(resolving.item.index);
    resolving.instance = view && instanceOf(signal.body, view);
    this.#tell(resolving.item);
    // An agent's TXT changes: its resolver stays and tells. The others have said all.
    if (resolving.item.type !== HOTDESK || this.#byPath.size > RESOLVER_LIMIT) void this.#free(resolving);
  }

  async #free(resolving: Resolving): Promise<void> {
    const { path } = resolving;
    resolving.path = '';
    if (!path) return;
    this.#byPath.delete(path);
    await this.#release(path, 'ServiceResolver');
  }

  /** The link with that index, unless it is none where hosts are looked for. */
  #viewOf(index: number): LinkView | undefined {
    const name = this.#linkNames.get(index);
    const links = this.#parts.links?.() ?? linksOf(networkInterfaces());
    const link = links.find((each) => each.name === name);
    return link && { name: link.name, onLink: subnetOf(link) };
  }

  /** One instance is seen on several links and by both protocols. */
  #tell(item: Item): void {
    const id = `${item.type} ${foldName(item.name)}`;
    const seen = [...this.#items.values()]
      .filter((each) => each.item.type === item.type && foldName(each.item.name) === foldName(item.name))
      .map((each) => each.instance)
      .filter((instance) => instance !== undefined);
    const [first] = seen;
    const advert = seen.findLast((instance) => instance.advert)?.advert;
    const addresses = seen.flatMap((instance) => instance.addresses);
    this.#book.set(id, first && { ...first, addresses, ...(advert ? { advert } : {}) });
    this.#cancelTell ??= this.#parts.clock.after(TELL_MS, () => {
      this.#cancelTell = undefined;
      const { found, lost } = this.#book.changes();
      for (const sighting of found) this.#sink?.found(sighting);
      for (const key of lost) this.#sink?.lost(key);
    });
  }
}
