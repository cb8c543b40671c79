/**
 * Publishes this host without Avahi, on every link that it is on. bonjour-service gives the sockets;
 * what it does wrong (see docs/decisions.md) is not left to it.
 */
import { networkInterfaces } from 'node:os';
import type { Advertiser, Publication } from '../../discovery/advertiser.ts';
import { linkKey, linksOf } from '../../discovery/interfaces.ts';
import { openResponder } from '../../discovery/mdns/responder.ts';
import type { Link } from '../../discovery/subnet.ts';
import { type Clock, systemClock } from '../../kernel/clock.ts';
import { type HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { type Logger, silentLogger } from '../../kernel/log.ts';
import { LinkPublisher } from './link-publisher.ts';
import { checkPublication, hostNameOf } from './records.ts';
import { Throttle } from './throttle.ts';

export interface EmbeddedParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly links: () => readonly Link[];
  /** How often the interfaces are looked at, in ms. */
  readonly pollMs: number;
  readonly open: typeof openResponder;
}

/** After its start a host gives way to whoever has its name; later the higher address keeps it (RFC 6762 §8.2). */
const NEWCOMER_MS = 2000;
/** Names are not given up faster than this, in ms. */
const RENAME_MS = 200;

interface Published {
  readonly key: string;
  readonly publisher: LinkPublisher;
}

export class EmbeddedAdvertiser implements Advertiser {
  readonly name = 'embedded' as const;
  readonly #parts: EmbeddedParts;
  readonly #published = new Map<string, Published>();
  readonly #updates: Throttle;
  #publication: Publication | undefined;
  #number = 1;
  #startedAt = 0;
  #renamedAt = Number.NEGATIVE_INFINITY;
  #cancelPoll = () => {};
  #failure: (error: HotdeskError) => void = () => {};

  constructor(parts: Partial<EmbeddedParts> = {}) {
    this.#parts = {
      clock: systemClock,
      log: silentLogger,
      links: () => linksOf(networkInterfaces()),
      pollMs: 2000,
      open: openResponder,
      ...parts,
    };
    this.#updates = new Throttle(1000, this.#parts.clock);
  }

  onFailure(listener: (error: HotdeskError) => void): void {
    this.#failure = listener;
  }

  /** @throws HotdeskError `bad-argument`, or `port-taken`, `mdns-unavailable` when no link can be used */
  async start(publication: Publication): Promise<void> {
    checkPublication(publication);
    this.#publication = publication;
    this.#number = 1;
    this.#startedAt = this.#parts.clock.now();
    try {
      await this.#look();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** @throws HotdeskError `bad-argument` */
  async update(txt: readonly Buffer[]): Promise<void> {
    if (!this.#publication) return;
    checkPublication({ ...this.#publication, txt });
    this.#publication = { ...this.#publication, txt };
    await this.#updates.run(() => this.#changeAll());
  }

  /** @param farewell false where the same name is published by Avahi from now on */
  async stop(farewell = true): Promise<void> {
    this.#publication = undefined;
    this.#cancelPoll();
    this.#updates.cancel();
    const all = [...this.#published.values()];
    this.#published.clear();
    await Promise.all(all.map(({ publisher }) => publisher.stop(farewell)));
  }

  get #hostName(): string {
    return this.#publication ? hostNameOf(this.#publication, this.#number) : '';
  }

  async #changeAll(): Promise<void> {
    for (const { publisher } of this.#published.values()) {
      if (this.#publication) await publisher.change(this.#publication, this.#hostName);
    }
  }

  /** Brings the sockets in step with the interfaces, now and then again. */
  async #look(): Promise<void> {
    const links = this.#parts.links();
    const names = new Set(links.map((link) => link.name));
    for (const name of [...this.#published.keys()]) if (!names.has(name)) await this.#drop(name, false);
    const errors: HotdeskError[] = [];
    for (const link of links) {
      const error = await this.#ensure(link).catch((cause: unknown) =>
        toHotdeskError(cause, 'mdns-unavailable'),
      );
      if (error) errors.push(error);
    }
    const [error] = errors;
    if (error && errors.length === links.length) throw error;
    if (this.#publication)
      this.#cancelPoll = this.#parts.clock.after(this.#parts.pollMs, () => this.#lookAgain());
  }

  #lookAgain(): void {
    this.#look().catch((error: unknown) => {
      if (!this.#publication) return;
      this.#cancelPoll = this.#parts.clock.after(this.#parts.pollMs, () => this.#lookAgain());
      this.#failure(toHotdeskError(error, 'mdns-unavailable'));
    });
  }

  async #ensure(link: Link): Promise<undefined> {
    const { clock, log } = this.#parts;
    const key = linkKey(link);
    if (!this.#publication || this.#published.get(link.name)?.key === key) return;
    // The old addresses are flushed by the new announcement: the name itself does not go away.
    await this.#drop(link.name, false);
    const [publication, hostName] = [this.#publication, this.#hostName];
    let isBroken = false;
    const publisher: LinkPublisher = new LinkPublisher(link, publication, hostName, clock, {
      conflict: (address) => this.#conflict(address),
      trouble: (error) => log.debug({ link: link.name, error: error.message }, 'mdns advert'),
      failed: (error) => {
        log.warn({ link: link.name, error: error.message }, 'mdns advert failed');
        isBroken = true;
        // The next look makes a new one.
        if (this.#published.get(link.name)?.publisher === publisher) void this.#drop(link.name, false);
      },
    });
    await publisher.start(this.#parts.open);
    if (!this.#publication || isBroken) {
      await publisher.stop(!isBroken);
      return;
    }
    this.#published.set(link.name, { key, publisher });
    // What has changed while the name was asked for.
    if (publication !== this.#publication || hostName !== this.#hostName) {
      await publisher.change(this.#publication, this.#hostName);
    }
  }

  async #drop(name: string, farewell: boolean): Promise<void> {
    const published = this.#published.get(name);
    this.#published.delete(name);
    await published?.publisher.stop(farewell);
  }

  /** @returns the host name from now on */
  #conflict(address: string): string {
    if (!this.#yieldsTo(address)) return this.#hostName;
    this.#renamedAt = this.#parts.clock.now();
    this.#number += 1;
    this.#parts.log.info({ host: this.#hostName, other: address }, 'host name taken, another is used');
    this.#changeAll().catch((error: unknown) => {
      this.#parts.log.warn({ error: String(error) }, 'mdns advert');
    });
    return this.#hostName;
  }

  #yieldsTo(address: string): boolean {
    const now = this.#parts.clock.now();
    const own = this.#parts.links().flatMap((link) => link.addresses.map((each) => each.address));
    if (own.includes(address) || now - this.#renamedAt < RENAME_MS || !this.#publication) return false;
    const first = own.find((each) => each.includes('.'));
    const newcomer = now - this.#startedAt < NEWCOMER_MS;
    return newcomer || first === undefined || compareIPv4(first, address) < 0;
  }
}

function compareIPv4(a: string, b: string): number {
  const value = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return value(a) - value(b);
}
