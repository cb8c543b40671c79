/** Publishes through avahi-daemon: an EntryGroup of its own, which the daemon withdraws when we are gone, however. */
import type { Advertiser, Publication } from '../../discovery/advertiser.ts';
import type { AvahiDaemon } from '../../discovery/avahi/daemon.ts';
import { HOTDESK } from '../../discovery/services.ts';
import type { BusSignal } from '../../kernel/bus.ts';
import type { Clock } from '../../kernel/clock.ts';
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { checkPublication } from './records.ts';
import { Throttle } from './throttle.ts';

/** AvahiEntryGroupState. */
const ESTABLISHED = 2;
const COLLISION = 3;
const FAILURE = 4;
/** AVAHI_IF_UNSPEC and AVAHI_PROTO_UNSPEC: every link, as the daemon is set up. */
const ANY = -1;
/** Probing takes 0.75 s; a busy daemon longer. */
const ESTABLISH_MS = 8000;

export class AvahiAdvertiser implements Advertiser {
  readonly name = 'avahi' as const;
  readonly #daemon: AvahiDaemon;
  readonly #clock: Clock;
  readonly #updates: Throttle;
  #publication: Publication | undefined;
  #group = '';
  #unsubscribe = () => {};
  #failure: (error: HotdeskError) => void = () => {};
  #state: (state: number) => void = () => {};

  constructor(daemon: AvahiDaemon, clock: Clock) {
    this.#daemon = daemon;
    this.#clock = clock;
    this.#updates = new Throttle(1000, clock);
  }

  onFailure(listener: (error: HotdeskError) => void): void {
    this.#failure = listener;
  }

  /** @throws HotdeskError `bad-argument`; `mdns-unavailable` where the daemon does not, or the name is taken */
  async start(publication: Publication): Promise<void> {
    checkPublication(publication);
    this.#publication = publication;
    const early: BusSignal[] = [];
    // The first state can arrive before the group's path is known here.
    this.#unsubscribe = this.#daemon.onSignal((signal) => {
      if (this.#group === '') early.push(signal);
      else this.#receive(signal);
    });
    try {
      const [path] = await this.#daemon.call('/', 'Server', 'EntryGroupNew');
      this.#group = String(path);
      const settled = this.#established();
      for (const signal of early) this.#receive(signal);
      const { instance, port, txt } = publication;
      const service = [ANY, ANY, 0, instance, HOTDESK, '', '', port, [...txt]];
      await this.#call('AddService', 'iiussssqaay', service);
      await this.#call('Commit');
      await settled;
    } catch (error) {
      await this.stop();
      throw toHotdeskError(error, 'mdns-unavailable');
    }
  }

  async update(txt: readonly Buffer[]): Promise<void> {
    if (!this.#publication) return;
    checkPublication({ ...this.#publication, txt });
    this.#publication = { ...this.#publication, txt };
    await this.#updates.run(async () => {
      if (!this.#publication) return;
      const service = [ANY, ANY, 0, this.#publication.instance, HOTDESK, '', [...this.#publication.txt]];
      await this.#call('UpdateServiceTxt', 'iiusssaay', service);
    });
  }

  async stop(): Promise<void> {
    this.#updates.cancel();
    this.#unsubscribe();
    const group = this.#group;
    this.#group = '';
    this.#publication = undefined;
    // The daemon may be gone, and the group with it.
    if (group) await this.#daemon.call(group, 'EntryGroup', 'Free').catch(() => {});
  }

  #call(member: string, signature?: string, body?: readonly unknown[]): Promise<readonly unknown[]> {
    return this.#daemon.call(this.#group, 'EntryGroup', member, signature, body);
  }

  #established(): Promise<void> {
    const result = new Promise<void>((resolve, reject) => {
      const cancel = this.#clock.after(ESTABLISH_MS, () => reject(refused('did not publish in time')));
      this.#state = (state) => {
        if (state !== ESTABLISHED && state !== COLLISION && state !== FAILURE) return;
        cancel();
        // From here on a change for the worse is a failure, not an answer.
        this.#state = (later) => {
          if (later === COLLISION || later === FAILURE) this.#failure(refused('withdrew the advert'));
        };
        if (state === ESTABLISHED) resolve();
        else reject(refused(state === COLLISION ? 'found the name taken' : 'could not publish'));
      };
    });
    // Awaited after calls that may fail first.
    result.catch(() => {});
    return result;
  }

  #receive(signal: BusSignal): void {
    if (signal.path !== this.#group || signal.member !== 'StateChanged') return;
    const [state] = signal.body;
    if (typeof state === 'number') this.#state(state);
  }
}

function refused(what: string): HotdeskError {
  return new HotdeskError('mdns-unavailable', `avahi-daemon ${what}.`, {
    hint: 'hotdesk publishes by itself instead; see `journalctl -u avahi-daemon`.',
  });
}
