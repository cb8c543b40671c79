/**
 * The mDNS cache and query schedule of one link: records in, questions and changed instances out.
 * Pure but for its own state; time and chance are given. RFC 6762 §5.2, §7.1, §10.
 */
import { decodeTxt } from '../../protocol/txt.ts';
import type { Instance } from '../book.ts';
import { foldName, HOTDESK, linkHostName, type ServiceType } from '../services.ts';
import type { LinkView } from '../subnet.ts';
import {
  askAfterGoodbye,
  type Entry,
  isOver,
  knownAnswers,
  labelsOf,
  missingOf,
  nextMoment,
  nextOfEntry,
  reconfirmFrom,
  resolveFrom,
  takeDue,
} from './entry.ts';
import {
  dropExpired,
  type Held,
  hold,
  newest,
  nextOf,
  type Reception,
  refreshDue,
  sayGoodbye,
  undoGoodbye,
} from './held.ts';
import { HostTable } from './host-table.ts';
import { describedBy, type InstanceName, pointedTo } from './instance-name.ts';
import { Census, LIMITS, QuestionBudget } from './limits.ts';
import type { MdnsRecord } from './packet.ts';
import type { KnownAnswer, Question } from './query.ts';
import { QuerySchedule } from './schedule.ts';

export interface Asking {
  readonly questions: readonly Question[];
  readonly known: readonly KnownAnswer[];
}

/** Work that comes this soon, in ms, is done together with what is due. */
const TOGETHER_MS = 20;

export class LinkBrowser {
  readonly #random: () => number;
  readonly #schedule: QuerySchedule;
  readonly #entries = new Map<string, Entry>();
  readonly #hosts = new HostTable();
  readonly #census = new Census();
  readonly #budget = new QuestionBudget();
  readonly #touched = new Set<string>();
  #link: LinkView;
  #nextAt: number;

  constructor(link: LinkView, now: number, random: () => number) {
    this.#link = link;
    this.#random = random;
    this.#schedule = new QuerySchedule(now, random);
    this.#nextAt = this.#schedule.nextAt;
  }

  /** When tick() has to be called next. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** Every instance in the cache, shown or not. */
  ids(): string[] {
    return [...this.#entries.keys()];
  }

  /** Ids of the instances that may have changed since the last call. */
  takeTouched(): string[] {
    const ids = [...this.#touched];
    this.#touched.clear();
    return ids;
  }

  /** Takes in the records of one response. The caller has checked where it came from (§11). */
  receive(records: readonly MdnsRecord[], source: string, now: number): void {
    const at: Reception = { source, now, random: this.#random };
    // In the order in which one leads to the next, whatever the packet's.
    for (const record of records) if (record.type === 'PTR') this.#pointer(record, at);
    for (const record of records) {
      if (record.type === 'SRV' || record.type === 'TXT') this.#description(record, at);
    }
    for (const record of records) {
      if (record.type === 'A' || record.type === 'AAAA') this.#address(record, at);
    }
  }

  /** A connection to it broke: ask three times, and without an answer it is gone (§10.4). */
  suspect(id: string, now: number): void {
    const entry = this.#entries.get(id);
    if (!entry || (entry.confirm && Number.isFinite(entry.confirm.until))) return;
    entry.confirm = reconfirmFrom(now);
    this.#wake(now);
  }

  /** The link has other addresses now, so it may be another network: everything has to be seen again. */
  renew(link: LinkView, now: number): void {
    this.#link = link;
    this.#schedule.restart(now);
    this.#wake(this.#schedule.nextAt);
    for (const id of this.#entries.keys()) {
      this.suspect(id, now);
      this.#touched.add(id);
    }
  }

  /** Drops what has expired and says what to ask now. */
  tick(now: number): Asking {
    const soon = now + TOGETHER_MS;
    const types = new Set<ServiceType>();
    const questions: Question[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries.values()) {
      questions.push(...this.#tickEntry(entry, now, soon, types));
      if (this.#entries.has(entry.id)) next = Math.min(next, nextOfEntry(entry));
    }
    const hosts = this.#hosts.tick(now, soon);
    for (const id of hosts.touched) this.#touched.add(id);
    questions.push(...hosts.questions);
    const pointers = this.#schedule.take(types, now);
    this.#nextAt = Math.max(now + TOGETHER_MS, Math.min(next, hosts.next, this.#schedule.nextAt));
    // What the budget leaves out has its later tries.
    const allowed = questions.slice(0, this.#budget.take(questions.length, now));
    const browse = pointers.map((type): Question => ({ labels: [...type.split('.'), 'local'], type: 'PTR' }));
    return { questions: [...browse, ...allowed], known: knownAnswers(this.#entries.values(), pointers, now) };
  }

  /** What is known of an instance, or undefined where it cannot be shown. */
  view(id: string): Instance | undefined {
    const entry = this.#entries.get(id);
    const target = entry && newest(entry.srv)?.value;
    const hostName = target && linkHostName(target.host);
    if (!entry?.shown || !target || hostName === undefined) return undefined;
    const { type, name } = entry;
    const addresses = this.#hosts.addressesOf(target.host, this.#link);
    return { type, name, hostName, port: target.port, addresses, advert: newest(entry.txt)?.value };
  }

  #pointer(record: MdnsRecord & { type: 'PTR' }, at: Reception): void {
    const named = pointedTo(record.name, record.target);
    if (!named) return;
    const known = this.#entries.get(named.id);
    if (record.ttl === 0) {
      if (known) this.#goodbye(known, known.ptr, at);
      return;
    }
    const entry = known ?? this.#admit(named, at);
    if (!entry) return;
    hold(entry.ptr, '', undefined, record, at, 1);
    this.#wake(nextOf(entry.ptr));
  }

  #admit({ id, type, name }: InstanceName, at: Reception): Entry | undefined {
    const { ok, evict } = this.#census.admit(at.source, at.now);
    if (!ok) return undefined;
    if (evict) this.#remove(evict.id);
    const { source } = at;
    const entry: Entry = {
      ...{ id, type, name, source, ptr: [], srv: [], txt: [] },
      ...{ resolve: resolveFrom(at.now, this.#random), confirm: undefined, shown: false },
    };
    this.#entries.set(id, entry);
    this.#census.add(id, source, at.now);
    this.#wake(nextMoment(entry.resolve));
    return entry;
  }

  #description(record: MdnsRecord & { type: 'SRV' | 'TXT' }, at: Reception): void {
    const named = describedBy(record.name);
    const entry = named && this.#entries.get(named.id);
    if (!entry) return;
    if (record.ttl === 0) this.#goodbye(entry, record.type === 'SRV' ? entry.srv : entry.txt, at);
    else if (record.type === 'SRV') this.#service(entry, record, at);
    else if (entry.type === HOTDESK) this.#text(entry, record, at);
  }

  #service(entry: Entry, record: MdnsRecord & { type: 'SRV' }, at: Reception): void {
    // It has just spoken: no doubt and no goodbye stands.
    entry.confirm = undefined;
    for (const held of [...entry.ptr, ...entry.txt]) undoGoodbye(held);
    const target = { host: foldName(record.target), port: record.port };
    const key = `${target.host} ${target.port}`;
    const before = newest(entry.srv)?.key;
    hold(entry.srv, key, target, record, at, LIMITS.recordsPerSet);
    this.#wake(nextOf(entry.srv));
    if (before === key && entry.shown) return;
    this.#point(entry);
    this.#settle(entry);
  }

  #text(entry: Entry, record: MdnsRecord & { type: 'TXT' }, at: Reception): void {
    // Decoded, so that nothing of the packet's memory is kept.
    const key = record.entries.map((text) => text.toString('latin1')).join('\0');
    const before = newest(entry.txt)?.key;
    const same = entry.txt.find((held) => held.key === key);
    hold(entry.txt, key, same ? same.value : decodeTxt(record.entries), record, at, LIMITS.recordsPerSet);
    this.#wake(nextOf(entry.txt));
    if (before !== key || !entry.shown) this.#settle(entry);
  }

  #address(record: MdnsRecord & { type: 'A' | 'AAAA' }, at: Reception): void {
    const outcome = this.#hosts.receive(foldName(record.name), record, this.#link, at);
    if (!outcome) return;
    this.#wake(outcome.next);
    for (const id of outcome.users) {
      const entry = this.#entries.get(id);
      if (entry) this.#settle(entry);
    }
  }

  /** A goodbye is held back for a second and asked about; from somebody else than the publisher it is only a rumour. */
  #goodbye(entry: Entry, list: readonly Held<unknown>[], at: Reception): void {
    if ((newest(entry.srv)?.source ?? entry.source) !== at.source) {
      this.suspect(entry.id, at.now);
      return;
    }
    for (const held of list) sayGoodbye(held, at.now);
    entry.confirm ??= askAfterGoodbye(at.now, this.#random);
    this.#wake(Math.min(nextOf(list), nextMoment(entry.confirm)));
  }

  #point(entry: Entry): void {
    this.#hosts.point(entry.id, new Set(entry.srv.map((held) => held.value.host)));
  }

  readonly #hasAddress = (name: string): boolean => this.#hosts.hasAddress(name);

  /** After a change: shown as soon as nothing is missing. */
  #settle(entry: Entry): void {
    this.#touched.add(entry.id);
    if (missingOf(entry, this.#hasAddress).length > 0) return;
    entry.shown = true;
    entry.resolve = undefined;
  }

  #tickEntry(entry: Entry, now: number, soon: number, types: Set<ServiceType>): Question[] {
    const lostService = dropExpired(entry.srv, now);
    const noService = lostService && entry.srv.length === 0;
    if (dropExpired(entry.ptr, now) || noService || isOver(entry.confirm, now)) {
      this.#remove(entry.id);
      // It may come back without a word: a cable that was pulled somewhere between.
      this.#schedule.restart(now);
      return [];
    }
    if (lostService) {
      // Another record's word counts now.
      this.#point(entry);
      this.#touched.add(entry.id);
    }
    if (dropExpired(entry.txt, now)) {
      this.#touched.add(entry.id);
      entry.resolve ??= resolveFrom(now, this.#random);
    }
    const labels = labelsOf(entry);
    const questions: Question[] = [];
    if (takeDue(entry.confirm, soon)) questions.push({ labels, type: 'SRV' });
    if (takeDue(entry.resolve, soon)) questions.push(...missingOf(entry, this.#hasAddress));
    if (isOver(entry.resolve, now)) this.#giveUp(entry);
    if (refreshDue(entry.ptr, soon)) types.add(entry.type);
    if (refreshDue(entry.srv, soon)) questions.push({ labels, type: 'SRV' });
    if (refreshDue(entry.txt, soon)) questions.push({ labels, type: 'TXT' });
    return questions;
  }

  /** Nobody says what is missing: without SRV it is nothing; without the rest it is shown as it is. */
  #giveUp(entry: Entry): void {
    entry.resolve = undefined;
    this.#touched.add(entry.id);
    if (entry.srv.length === 0) this.#remove(entry.id);
    else entry.shown = true;
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#census.remove(id, entry.source);
    this.#hosts.point(id, new Set());
    this.#touched.add(id);
  }

  #wake(at: number): void {
    this.#nextAt = Math.min(this.#nextAt, at);
  }
}
