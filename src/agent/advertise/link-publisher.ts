/** One instance on one link: announces, answers, updates, says goodbye. RFC 6762 §6, §8.3, §8.4, §10.1. */
import type { Publication } from '../../discovery/advertiser.ts';
import { recordsOf } from '../../discovery/mdns/packet.ts';
import {
  MDNS_PORT,
  openResponder,
  type Responder,
  type Sender,
  type WireRecord,
} from '../../discovery/mdns/responder.ts';
import { type Link, subnetOf } from '../../discovery/subnet.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { HotdeskError } from '../../kernel/errors.ts';
import { type Answer, answerTo, readQuery } from './answer.ts';
import { allOf, goodbyeFor, type InstanceRecords, recordKey, recordsFor } from './records.ts';

export interface LinkPublisherEvents {
  /** Another machine says that it has this host name, with this address. @returns the name to use now */
  conflict(address: string): string;
  trouble(error: Error): void;
  failed(error: HotdeskError): void;
}

/** §6: a record is not sent twice within this, in ms. */
const QUIET_MS = 1000;
/**
 * §8.3: how long after one announcement the next of the same records goes out, in ms: as Avahi has
 * it. Two within a second are lost together, and nobody asks again for what he has for 75 minutes.
 */
const REPEATS = [1000, 2000, 4000];
/** §7.2: known answers may follow for so long, in ms. */
const MORE_KNOWN_MS = 450;
/** A forged goodbye is answered at once, but not more often than this, in ms. */
const RESCUE_MS = 100;
/**
 * §8.1: when the probes go out and how long an answer may take after the last, in ms. Avahi says
 * nothing twice within 500 ms, not even to a probe, so the last one comes after that.
 */
const PROBE_WAITS = [260, 260, 60];
const PROBE_TRIES = 5;

export class LinkPublisher {
  readonly #link: Link;
  #publication: Publication;
  #hostName: string;
  readonly #clock: Clock;
  readonly #events: LinkPublisherEvents;
  readonly #onLink: (address: string) => boolean;
  #responder: Responder | undefined;
  #records: InstanceRecords;
  readonly #sentAt = new Map<string, number>();
  readonly #known = new Map<string, Set<string>>();
  readonly #timers = new Set<() => void>();
  /** The keys of what is still to be said again, a set for each announcement. */
  readonly #announcements = new Set<Set<string>>();
  #announced = false;
  #rescuedAt = Number.NEGATIVE_INFINITY;

  constructor(
    link: Link,
    publication: Publication,
    hostName: string,
    clock: Clock,
    events: LinkPublisherEvents,
  ) {
    this.#link = link;
    this.#publication = publication;
    this.#hostName = hostName;
    this.#clock = clock;
    this.#events = events;
    this.#onLink = subnetOf(link);
    this.#records = recordsFor(publication, hostName, link);
  }

  /** Opens the socket, asks whether the host name is free, and announces. @throws HotdeskError `port-taken`, `mdns-unavailable` */
  async start(open: typeof openResponder = openResponder): Promise<void> {
    const responder = await open(this.#link, {
      response: (packet, sender) => this.#overhear(packet, sender),
      trouble: this.#events.trouble,
      failed: this.#events.failed,
    });
    this.#responder = responder;
    const { mdns } = responder.bonjour.server;
    mdns.removeAllListeners('query');
    await this.#probe();
    // The library's own answers are replaced by ours (see answer.ts).
    mdns.on('query', (packet, sender) => this.#query(packet, sender));
    this.#announced = true;
    await this.#announce(allOf(this.#records));
  }

  /**
   * §8.1, for the host name alone (the instance's is nobody else's): whoever has it is in the right,
   * and a responder that hears it announced by another may give it up.
   */
  async #probe(): Promise<void> {
    for (let tries = 0; tries < PROBE_TRIES; tries += 1) {
      const asked = this.#hostName;
      // What makes it a probe are the authorities: such a query is answered at once, others at most once a second (§6).
      const authorities = this.#records.addresses.map((record) => ({ ...record, flush: false }));
      const probe = { questions: [{ name: asked, type: 'ANY' }], authorities };
      for (const wait of PROBE_WAITS) {
        this.#responder?.bonjour.server.mdns.query({ ...probe }, (error) => {
          if (error) this.#events.trouble(error);
        });
        if (this.#hostName !== asked) break;
        await new Promise<void>((resolve) => this.#clock.after(wait, resolve));
      }
      if (this.#hostName === asked) return;
    }
  }

  /** Sends what has changed; the rest stays as it is. */
  async change(publication: Publication, hostName: string): Promise<void> {
    this.#publication = publication;
    this.#hostName = hostName;
    const before = allOf(this.#records);
    this.#records = recordsFor(publication, hostName, this.#link);
    const now = new Set(allOf(this.#records).map(recordKey));
    const old = new Set(before.map(recordKey));
    // §10.1: for unique records the flush bit does it, except where the name itself has changed.
    const names = new Set(allOf(this.#records).map((record) => record.name));
    const gone = before.filter((record) => !now.has(recordKey(record)) && !names.has(record.name));
    const changed = allOf(this.#records).filter((record) => !old.has(recordKey(record)));
    if (gone.length > 0) await this.#respond({ answers: goodbyeFor(gone) });
    if (changed.length > 0) await this.#announce(changed);
  }

  /** @param farewell false where the name goes on being used: by Avahi, or on a new socket */
  async stop(farewell: boolean): Promise<void> {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    if (farewell && this.#announced) {
      // Never the enumeration record: it is everybody's.
      const own = allOf(this.#records).filter((record) => record !== this.#records.enumeration);
      await this.#respond({ answers: goodbyeFor(own) });
    }
    const responder = this.#responder;
    this.#responder = undefined;
    await responder?.close();
  }

  /** §8.3: now and at each of the REPEATS, as long as a later announcement has not replaced it. */
  async #announce(records: readonly WireRecord[]): Promise<void> {
    if (!this.#responder) return;
    const keys = new Set(records.map(recordKey));
    for (const earlier of this.#announcements) for (const key of keys) earlier.delete(key);
    this.#announcements.add(keys);
    this.#repeat(keys, REPEATS);
    await this.#respond({ answers: [...records] });
  }

  #repeat(keys: Set<string>, [wait, ...waits]: readonly number[]): void {
    if (wait === undefined) {
      this.#announcements.delete(keys);
      return;
    }
    this.#later(wait, () => {
      const still = allOf(this.#records).filter((record) => keys.has(recordKey(record)));
      this.#repeat(keys, still.length > 0 ? waits : []);
      if (still.length > 0) void this.#respond({ answers: still });
    });
  }

  #query(packet: unknown, sender: Sender): void {
    if (!this.#onLink(sender.address)) return;
    const query = readQuery(packet, allOf(this.#records));
    const waiting = this.#known.get(sender.address);
    if (query.questions.length === 0) {
      // The rest of a list of known answers.
      for (const key of query.known) waiting?.add(key);
      return;
    }
    const answer = answerTo(query, this.#records);
    if (!answer) return;
    if (query.probe) {
      void this.#respond(answer);
      return;
    }
    const known = waiting ?? new Set<string>();
    if (query.truncated) this.#known.set(sender.address, known);
    const wait = query.truncated ? MORE_KNOWN_MS : answer.shared ? 20 + 100 * Math.random() : 0;
    this.#later(wait, () => {
      this.#known.delete(sender.address);
      this.#answer(answer, known);
    });
  }

  #answer(answer: Answer, known: ReadonlySet<string>): void {
    const now = this.#clock.now();
    const current = new Set(allOf(this.#records));
    const wanted = answer.answers.filter((record) => current.has(record) && !known.has(recordKey(record)));
    const quietUntil = (record: WireRecord) => (this.#sentAt.get(recordKey(record)) ?? -QUIET_MS) + QUIET_MS;
    const ready = wanted.filter((record) => quietUntil(record) <= now);
    const early = wanted.filter(
      (record) => quietUntil(record) > now && !this.#postponed.has(recordKey(record)),
    );
    if (ready.length > 0) {
      const additionals = answer.additionals.filter((record) => current.has(record));
      void this.#respond({ answers: ready, additionals });
    }
    for (const record of early) {
      const key = recordKey(record);
      this.#postponed.add(key);
      this.#later(quietUntil(record) - now, () => {
        this.#postponed.delete(key);
        if (allOf(this.#records).some((each) => recordKey(each) === key))
          void this.#respond({ answers: [record] });
      });
    }
  }

  readonly #postponed = new Set<string>();

  /** What others say about our records. */
  #overhear(packet: unknown, sender: Sender): void {
    if (sender.port !== MDNS_PORT || !this.#onLink(sender.address)) return;
    const hostName = this.#records.addresses[0]?.name.toLowerCase();
    const mine = new Set(this.#records.addresses.map((record) => record.data));
    for (const record of recordsOf(packet)) {
      if (this.#announced && this.#isForged(record)) {
        this.#rescue();
      } else if (record.type === 'A' && record.ttl > 0 && record.name.toLowerCase() === hostName) {
        if (mine.has(record.address)) continue;
        this.#hostName = this.#events.conflict(record.address);
        if (!this.#announced) this.#records = recordsFor(this.#publication, this.#hostName, this.#link);
      }
    }
  }

  /** §6.6, §10.1: a goodbye for what is still published. */
  #isForged(record: { name: string; type: string; ttl: number; target?: string }): boolean {
    if (record.ttl > 0) return false;
    const { service, pointer } = this.#records;
    if (record.type === 'PTR') return record.target?.toLowerCase() === String(pointer.data).toLowerCase();
    return record.name.toLowerCase() === service.name.toLowerCase();
  }

  #rescue(): void {
    const now = this.#clock.now();
    if (this.#responder === undefined || now - this.#rescuedAt < RESCUE_MS) return;
    this.#rescuedAt = now;
    void this.#respond({ answers: allOf(this.#records) });
  }

  /** Resolves when it is sent, or could not be: another time, then. */
  #respond(packet: { answers: WireRecord[]; additionals?: WireRecord[] }): Promise<void> {
    const now = this.#clock.now();
    for (const record of packet.answers) this.#sentAt.set(recordKey(record), now);
    return new Promise((resolve) => {
      if (!this.#responder) return resolve();
      try {
        this.#responder.bonjour.server.mdns.respond(packet, (error) => {
          if (error) this.#events.trouble(error);
          resolve();
        });
      } catch (error) {
        this.#events.trouble(error instanceof Error ? error : new Error(String(error)));
        resolve();
      }
    });
  }

  #later(ms: number, work: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      work();
    });
    this.#timers.add(cancel);
  }
}
