/**
 * The connection to this user's agent, for as long as the tray lives: the catalogue as it changes, and
 * calls. An agent that ends comes back by itself (whoever starts it), and the tray with it.
 */
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { type Client, type ConnectOptions, connect } from '../client/client.ts';
import type { Clock } from '../kernel/clock.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import type { Snapshot } from '../protocol/api.ts';

export interface FeedEvents {
  /** A connection is there: what must be known before the first snapshot is asked here. */
  readonly onConnected: (client: Client) => Promise<void>;
  readonly onSnapshot: (snapshot: Snapshot) => void;
  /** No agent answers. */
  readonly onLost: (error: HotdeskError) => void;
}

export interface FeedDeps {
  readonly connect: Pick<ConnectOptions, 'paths' | 'uid' | 'program' | 'env'>;
  readonly clock: Clock;
  readonly events: FeedEvents;
}

/** More than any menu shows. */
const AT_MOST = { hosts: 40, sessions: 40 };
/** Between looks for an agent that is not there, in ms: the socket's folder tells sooner. */
const LOOK_MS = 30_000;
/** Its socket appears a moment before it answers. */
const APPEARED_MS = 50;
/** An agent that crashed is started again so soon, and not more often, in ms. */
const RESTART_MS = 1000;
const RESTARTS_APART_MS = 60_000;

export class AgentFeed {
  readonly #deps: FeedDeps;
  #client: Client | undefined;
  #connecting: Promise<void> | undefined;
  #watcher: FSWatcher | undefined;
  #timer: (() => void) | undefined;
  #restartedAt = Number.NEGATIVE_INFINITY;
  #ended = false;

  constructor(deps: FeedDeps) {
    this.#deps = deps;
  }

  /** Starts an agent if none runs. */
  start(): Promise<void> {
    return this.#connect('on-demand');
  }

  /** @throws HotdeskError `agent-unavailable` */
  get client(): Client {
    if (this.#client && !this.#client.closed) return this.#client;
    throw new HotdeskError('agent-unavailable', 'No hotdesk agent is running.', {
      hint: 'Start it: `hotdesk agent start`.',
    });
  }

  end(): void {
    this.#ended = true;
    this.#quiet();
    this.#client?.close();
  }

  #connect(start: ConnectOptions['start']): Promise<void> {
    this.#connecting ??= this.#attempt(start).finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #attempt(start: ConnectOptions['start']): Promise<void> {
    const { events } = this.#deps;
    if (this.#ended || (this.#client && !this.#client.closed)) return;
    this.#quiet();
    try {
      // The schemas would be a third of what the tray keeps in memory; the agent is the same user's, and has checked.
      const client = await connect({ ...this.#deps.connect, start, checks: 'envelope' });
      if (this.#ended) return client.close();
      this.#client = client;
      client.on('catalogue', (snapshot) => events.onSnapshot(snapshot));
      client.onClose((error) => this.#lost(error));
      await events.onConnected(client);
      events.onSnapshot(await client.call('subscribe', { atMost: AT_MOST }));
    } catch (error) {
      if (this.#client && !this.#client.closed) this.#client.close();
      else this.#lost(toHotdeskError(error));
    }
  }

  #lost(error: HotdeskError): void {
    if (this.#ended) return;
    this.#client = undefined;
    this.#deps.events.onLost(error);
    this.#waitForAgent();
  }

  #waitForAgent(): void {
    this.#quiet();
    const { clock, connect: at } = this.#deps;
    const soon = () => {
      this.#timer?.();
      this.#timer = clock.after(APPEARED_MS, () => void this.#connect('never'));
    };
    try {
      this.#watcher = watch(at.paths.runtimeDir, { persistent: false }, (_event, name) => {
        if (name === 'agent.sock') soon();
      });
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // Without the folder there is no agent either; the slow look finds it.
    }
    // A socket that is left without an agent is that of one that crashed. One that was told to end took it along.
    const isCrash = existsSync(at.paths.socket);
    const now = clock.now();
    if (isCrash && now - this.#restartedAt > RESTARTS_APART_MS) {
      this.#restartedAt = now;
      this.#timer = clock.after(RESTART_MS, () => void this.#connect('on-demand'));
    } else {
      this.#timer = clock.after(LOOK_MS, () => void this.#connect('never'));
    }
  }

  #quiet(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
