/** Finds hosts by listening to mDNS itself. The cache is in link-browser; here are sockets, time and interfaces. */
import { networkInterfaces } from 'node:os';
import { type Clock, steady, systemClock } from '../../kernel/clock.ts';
import { type HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { type Logger, silentLogger } from '../../kernel/log.ts';
import { type Instance, SightingBook } from '../book.ts';
import type { Finder, FinderSink } from '../finder.ts';
import { linkKey, linksOf } from '../interfaces.ts';
import { type Link, subnetOf } from '../subnet.ts';
import { LinkBrowser } from './link-browser.ts';
import { recordsOf } from './packet.ts';
import { encodeQuery } from './query.ts';
import { MDNS_PORT, openResponder, type Responder, type Sender } from './responder.ts';

export interface MdnsFinderParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** The links to browse on; by default those of os.networkInterfaces(). */
  readonly links: () => readonly Link[];
  /** How often the interfaces are looked at, in ms. */
  readonly pollMs: number;
  readonly open: typeof openResponder;
  /** mDNS can be used no longer, on any link; it goes on trying. */
  readonly onFailure: (error: HotdeskError) => void;
}

interface Browsed {
  key: string;
  responder: Responder | undefined;
  readonly browser: LinkBrowser;
  onLink: (address: string) => boolean;
  cancel: () => void;
  /** What `cancel` cancels. */
  wakeAt: number | undefined;
  /** Grows with each socket: what an old one still says is not heard. */
  generation: number;
}

const POLL_MS = 2000;
/** Changes that come this close together, in ms, are told together. */
const TELL_MS = 15;

export class MdnsFinder implements Finder {
  readonly name = 'mdns' as const;
  readonly #deps: MdnsFinderParts;
  #book = new SightingBook('mdns');
  readonly #links = new Map<string, Browsed>();
  #sink: FinderSink | undefined;
  #cancelPoll = () => {};
  #cancelTell: (() => void) | undefined;

  constructor(deps: Partial<MdnsFinderParts> = {}) {
    this.#deps = {
      log: silentLogger,
      links: () => linksOf(networkInterfaces()),
      pollMs: POLL_MS,
      open: openResponder,
      onFailure: () => {},
      ...deps,
      // Of a clock that was set back everything would seem asked already, for as long as it was set back.
      clock: steady(deps.clock ?? systemClock),
    };
  }

  /** @throws HotdeskError `port-taken` or `mdns-unavailable` when there are links and none can be used */
  async start(sink: FinderSink): Promise<void> {
    this.#sink = sink;
    this.#book = new SightingBook('mdns');
    try {
      await this.#look();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
    this.#cancelPoll();
    this.#cancelTell?.();
    this.#cancelTell = undefined;
    await Promise.all([...this.#links.keys()].map((name) => this.#close(name)));
  }

  suspect(key: string): void {
    const now = this.#deps.clock.now();
    for (const id of this.#book.idsOf(key)) {
      for (const browsed of this.#links.values()) browsed.browser.suspect(id, now);
    }
    for (const browsed of this.#links.values()) this.#schedule(browsed);
  }

  /** Brings the sockets in step with the interfaces, now and then again. */
  async #look(): Promise<void> {
    const links = this.#deps.links();
    const names = new Set(links.map((link) => link.name));
    for (const name of [...this.#links.keys()]) if (!names.has(name)) await this.#close(name);
    const errors: HotdeskError[] = [];
    for (const link of links) {
      if (this.#sink === undefined) return;
      const error = await this.#ensure(link);
      if (error) errors.push(error);
    }
    const [error] = errors;
    if (error && errors.length === links.length) throw error;
    if (this.#sink) this.#cancelPoll = this.#deps.clock.after(this.#deps.pollMs, () => this.#lookAgain());
  }

  #lookAgain(): void {
    this.#look().catch((error: unknown) => {
      this.#cancelPoll = this.#deps.clock.after(this.#deps.pollMs, () => this.#lookAgain());
      this.#deps.onFailure(toHotdeskError(error, 'mdns-unavailable'));
    });
  }

  async #ensure(link: Link): Promise<HotdeskError | undefined> {
    const { clock } = this.#deps;
    const known = this.#links.get(link.name);
    if (known?.responder && known.key === linkKey(link)) return undefined;
    const onLink = subnetOf(link);
    const view = { name: link.name, onLink };
    const now = clock.now();
    const browser = known?.browser ?? new LinkBrowser(view, now, Math.random);
    const browsed = known ?? newBrowsed(browser, onLink);
    this.#links.set(link.name, browsed);
    await browsed.responder?.close();
    browsed.responder = undefined;
    browsed.onLink = onLink;
    browsed.generation += 1;
    const { generation } = browsed;
    try {
      const responder = await this.#deps.open(link, {
        response: (packet, sender) => {
          if (browsed.generation === generation) this.#receive(browsed, packet, sender);
        },
        trouble: (error) => this.#deps.log.debug({ link: link.name, error: error.message }, 'mdns'),
        failed: (error) => {
          this.#deps.log.warn({ link: link.name, error: error.message }, 'mdns socket failed');
          browsed.key = '';
        },
      });
      if (this.#sink === undefined) {
        await responder.close();
        return undefined;
      }
      browsed.responder = responder;
      browsed.key = linkKey(link);
      if (known) browser.renew(view, clock.now());
      this.#schedule(browsed);
      this.#tell(browsed);
      return undefined;
    } catch (error) {
      if (!known) this.#links.delete(link.name);
      return toHotdeskError(error, 'mdns-unavailable');
    }
  }

  async #close(name: string): Promise<void> {
    const browsed = this.#links.get(name);
    if (!browsed) return;
    this.#links.delete(name);
    browsed.generation += 1;
    browsed.cancel();
    // What was seen on this link alone is seen no more.
    for (const id of browsed.browser.ids()) this.#book.set(id, this.#merged(id));
    this.#tellSoon();
    await browsed.responder?.close();
  }

  /** RFC 6762 §11: only from port 5353, and from an address of this link. Other links' packets arrive here too. */
  #receive(browsed: Browsed, packet: unknown, sender: Sender): void {
    if (sender.port !== MDNS_PORT || !browsed.onLink(sender.address)) return;
    browsed.browser.receive(recordsOf(packet), sender.address, this.#deps.clock.now());
    this.#tell(browsed);
    this.#schedule(browsed);
  }

  #schedule(browsed: Browsed): void {
    const { nextAt } = browsed.browser;
    if (nextAt === browsed.wakeAt) return;
    browsed.cancel();
    if (this.#sink === undefined) return;
    browsed.wakeAt = nextAt;
    const wait = Math.max(0, nextAt - this.#deps.clock.now());
    // Looked at now and then even so: the system's clock may be set.
    browsed.cancel = this.#deps.clock.after(Math.min(wait, 60_000), () => this.#tick(browsed));
  }

  #tick(browsed: Browsed): void {
    browsed.wakeAt = undefined;
    const { questions, known } = browsed.browser.tick(this.#deps.clock.now());
    for (const packet of encodeQuery(questions, known)) browsed.responder?.send(packet);
    this.#tell(browsed);
    this.#schedule(browsed);
  }

  #tell(browsed: Browsed): void {
    const touched = browsed.browser.takeTouched();
    for (const id of touched) this.#book.set(id, this.#merged(id));
    if (touched.length > 0) this.#tellSoon();
  }

  #tellSoon(): void {
    if (this.#sink === undefined) return;
    this.#cancelTell ??= this.#deps.clock.after(TELL_MS, () => {
      this.#cancelTell = undefined;
      const { found, lost } = this.#book.changes();
      for (const sighting of found) this.#sink?.found(sighting);
      for (const key of lost) this.#sink?.lost(key);
    });
  }

  /** One instance, seen on several links. */
  #merged(id: string): Instance | undefined {
    const views = [...this.#links.values()].map((each) => each.browser.view(id));
    const seen = views.filter((view) => view !== undefined);
    const [first] = seen;
    return first && { ...first, addresses: seen.flatMap((view) => view.addresses) };
  }
}

function newBrowsed(browser: LinkBrowser, onLink: Browsed['onLink']): Browsed {
  const idle = { key: '', responder: undefined, cancel: () => {}, wakeAt: undefined, generation: 0 };
  return { ...idle, browser, onLink };
}
