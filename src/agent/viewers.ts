/** The viewers that run on this machine: opened at a seat, watched, closed, and brought back after a failed handover. */
import type { OpenViewer, Redirect, Viewers } from '../actions/context.ts';
import { orAbort, sleep } from '../kernel/abort.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import type { Host } from '../model/host.ts';
import type { Endpoint, Secrets } from '../model/machine.ts';
import { formatRef } from '../model/ref.ts';
import type { Seat } from '../model/seat.ts';
import type { Viewer } from '../model/viewer.ts';
import type { Backend, ViewRequest } from '../profiles/backend.ts';
import type { EventData, Party } from '../protocol/api.ts';
import type { Forward, ForwardOptions } from './forward.ts';
import { hasSecrets, isProbablyOpen, localEnd, type Opening, secretsOf } from './opening.ts';

/** A viewer process, or a terminal that a CLI lent. */
export interface RunningViewer {
  readonly pid: number | undefined;
  /** Settles when the session is on the screen; rejects with `viewer-failed` if it ends before. */
  readonly shown: Promise<void>;
  /** Settles when it has ended, in words for the log; never rejects. */
  readonly exited: Promise<string>;
  /** Waits, without its session, for the outcome of a handover. */
  displaced?(): boolean;
  stop(): Promise<void>;
}

export interface LaunchRequest extends OpenViewer {
  readonly viewerId: string;
  readonly seatEnv: Seat;
  /** Where the viewer connects; undefined for a terminal session, shown by an emulator. */
  readonly at: Endpoint | undefined;
  readonly secrets: Secrets | undefined;
}

export interface ViewersDeps {
  readonly me: Party;
  readonly log: Logger;
  /** Private folder for forwarded sockets. */
  readonly folder: string;
  pickSeat(id: string): Promise<Seat>;
  /** @throws HotdeskError `viewer-missing` */
  launch(request: LaunchRequest, signal: AbortSignal): Promise<RunningViewer>;
  onChange(viewers: readonly Viewer[]): void;
  /** These were shown here until somebody took their session over. */
  onTaken(viewers: readonly Viewer[], event: EventData<'handover'>): void;
}

interface Entry {
  viewer: Viewer;
  readonly running: RunningViewer;
  /** Opens it again as it was. */
  reopen: () => Promise<unknown>;
  /** Is it still there, without its session, for the outcome of a handover? */
  displaced: () => boolean;
  /** Leads its further connections elsewhere. */
  led?: { readonly lead: Forward['lead']; readonly port: number | undefined } | undefined;
  /** Opens another session in its place. */
  again?: ((host: Host, backend: Backend, session: OpenViewer['session']) => Promise<unknown>) | undefined;
  /** Ended because somebody said so: nothing brings it back. */
  closed: boolean;
}

interface Pending {
  readonly by: Party;
  readonly entries: readonly Entry[];
  /** It has failed, and its entries are being brought back. */
  failed: boolean;
}

/** A viewer that lost its session takes a while to end: after a failed handover it is watched so long, in ms. */
const ENDING_MS = 15_000;
const LOOK_MS = 50;

export class ViewerRegistry implements Viewers {
  readonly #deps: ViewersDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Map<string, Pending>();
  #ended = false;

  constructor(deps: ViewersDeps) {
    this.#deps = deps;
  }

  all(): readonly Viewer[] {
    return [...this.#entries.values()].map((e) => e.viewer);
  }

  of(hostKey: string, session: { backend: string; localId: string }): readonly Viewer[] {
    return this.all().filter(
      (v) => v.hostKey === hostKey && v.backend === session.backend && v.localId === session.localId,
    );
  }

  async open(request: OpenViewer, signal: AbortSignal): Promise<Viewer> {
    const { backend, session } = request;
    const seatEnv = await this.#deps.pickSeat(request.seat);
    const viewerId = randomId();
    const view: ViewRequest = {
      mode: request.mode,
      options: request.options,
      viewer: { viewerId, ...this.#deps.me },
      password: request.password,
    };
    const found = request.endpoint
      ? Promise.resolve(request.endpoint)
      : backend.endpoint(session.localId, view, signal);
    const admitted = request.endpoint
      ? Promise.resolve()
      : found.then(() => backend.admit?.(session.localId, view, signal));
    const way = { found, admitted };
    const opening = { request, viewerId, seatEnv };
    if (!isProbablyOpen(request)) return this.#show({ ...opening, ...way }, signal);
    const locked = new HotdeskError('cancelled', 'It wants a password.');
    const unlocked = Promise.all([found, admitted]).then(([endpoint]) => {
      if (hasSecrets(endpoint)) throw locked;
    });
    try {
      return await this.#show({ ...opening, ...way, admitted: unlocked, secrets: 'none' }, signal);
    } catch (error) {
      if (error !== locked) throw error;
      return this.#show({ ...opening, ...way }, signal);
    }
  }

  async #show(opening: Opening, signal: AbortSignal): Promise<Viewer> {
    const { request, viewerId, seatEnv, found, admitted } = opening;
    const { backend, session, host } = request;
    // A viewer that is slow to start is started before it is known where it will lead.
    const nowhere = new Promise<never>((_, reject) => {
      found.catch(reject);
      admitted.catch(reject);
    });
    nowhere.catch(() => {});
    const link = await localEnd(opening, this.#deps.folder, this.#deps.log);
    let running: RunningViewer | undefined;
    try {
      const secrets = await secretsOf(opening);
      running = await this.#deps.launch({ ...request, viewerId, seatEnv, at: link.at, secrets }, signal);
      const viewer: Viewer = {
        id: viewerId,
        ref: formatRef({ backend: backend.profile.name, localId: session.localId }, host.name),
        hostKey: host.key,
        backend: backend.profile.name,
        localId: session.localId,
        seat: seatEnv.id,
        ...(running.pid === undefined ? {} : { pid: running.pid }),
        since: Math.floor(Date.now() / 1000),
        state: 'opening',
      };
      const { endpoint: _started, ...again } = request;
      const reopen = (other: Partial<OpenViewer>) =>
        this.open({ ...again, ...other, mode: 'take' }, AbortSignal.timeout(60_000));
      this.add(viewer, running, () => reopen({}));
      const entry = this.#entries.get(viewerId);
      if (entry && link.forward) {
        const port = link.at?.kind === 'tcp' ? link.at.port : undefined;
        entry.led = { lead: link.forward.lead, port };
        entry.again = (to, there, what) => reopen({ host: to, backend: there, session: what });
      }
      void running.exited.then(() => link.forward?.close());
      await orAbort(Promise.race([running.shown, nowhere]), signal);
      return this.shown(viewerId) ?? viewer;
    } catch (error) {
      await running?.stop();
      link.forward?.close();
      throw toHotdeskError(error);
    }
  }

  /** Takes note of a viewer until it exits. */
  add(viewer: Viewer, running: RunningViewer, reopen: () => Promise<unknown>): void {
    const displaced = () => running.displaced?.() ?? false;
    this.#entries.set(viewer.id, { viewer, running, reopen, displaced, closed: false });
    this.#changed();
    void running.exited.then((how) => {
      this.#deps.log.info({ viewer: viewer.id, ref: viewer.ref, seat: viewer.seat }, `viewer ended: ${how}`);
      this.#entries.delete(viewer.id);
      this.#changed();
    });
  }

  /** What runs inside a viewer that is an emulator: it, not the emulator, is displaced and comes back. */
  adopt(viewerId: string, inner: RunningViewer, reopen: () => Promise<unknown>): void {
    const entry = this.#entries.get(viewerId);
    if (!entry) return;
    entry.reopen = reopen;
    entry.displaced = () => inner.displaced?.() ?? false;
  }

  /** The viewer shows the session; undefined if it is gone already. */
  shown(viewerId: string): Viewer | undefined {
    const entry = this.#entries.get(viewerId);
    if (!entry) return undefined;
    entry.viewer = { ...entry.viewer, state: 'shown' };
    this.#changed();
    return entry.viewer;
  }

  redirect(viewerId: string, backend: Backend, open: ForwardOptions['open']): Redirect | undefined {
    const entry = this.#entries.get(viewerId);
    if (!entry?.led) return undefined;
    const { lead, port } = entry.led;
    lead(open);
    return {
      port,
      done: (host, session) => {
        if (!this.#isOpen(entry)) return undefined;
        const at = { backend: backend.profile.name, localId: session.localId };
        entry.viewer = { ...entry.viewer, ...at, ref: formatRef(at, host.name), hostKey: host.key };
        entry.reopen = () => entry.again?.(host, backend, session) ?? Promise.resolve();
        this.#changed();
        return entry.viewer;
      },
      undo: () => lead(undefined),
    };
  }

  async close(viewerId: string): Promise<void> {
    const entry = this.#entries.get(viewerId);
    if (entry) await this.#close(entry);
  }

  /** A handover of a session on `hostKey` began, was done, or failed. */
  onHandover(hostKey: string, event: EventData<'handover'>): void {
    const key = pendingKey(hostKey, event);
    const before = this.#pending.get(key);
    if (event.phase === 'begin') {
      const ids = new Set(this.of(hostKey, event).map((v) => v.id));
      const open = [...this.#entries.values()].filter((e) => ids.has(e.viewer.id));
      // Those that the handover before this one took, and that are not back yet.
      const owed = before?.entries.filter((e) => !ids.has(e.viewer.id)) ?? [];
      this.#pending.set(key, { by: event.by, entries: [...open, ...owed], failed: false });
      return;
    }
    if (!before || before.failed) return;
    if (event.phase === 'done') {
      this.#pending.delete(key);
      const gone = before.entries.filter((entry) => !entry.closed).map((entry) => entry.viewer);
      for (const entry of before.entries) if (this.#isOpen(entry)) void this.#close(entry);
      if (gone.length > 0) this.#deps.onTaken(gone, event);
      return;
    }
    before.failed = true;
    const back = before.entries.map((entry) =>
      this.#bringBack(entry, () => this.#pending.get(key) === before),
    );
    void Promise.all(back).then(() => {
      if (this.#pending.get(key) === before) this.#pending.delete(key);
    });
  }

  /** Sessions that are being taken from here, by an agent whose word on the outcome may never come. */
  taken(hostKey: string): readonly EventData<'handover'>[] {
    const open = [...this.#pending].filter(([key, { failed }]) => !failed && key.startsWith(`${hostKey}\0`));
    return open.map(([key, { by }]) => {
      const [, backend = '', localId = ''] = key.split('\0');
      return { backend, localId, by, phase: 'begin' };
    });
  }

  /** Who is taking the session over just now, if anyone. */
  movingBy(hostKey: string, session: { backend: string; localId: string }): Party | undefined {
    return this.#pending.get(pendingKey(hostKey, session))?.by;
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all([...this.#entries.values()].map((e) => e.running.stop()));
  }

  async #close(entry: Entry): Promise<void> {
    entry.viewer = { ...entry.viewer, state: 'closing' };
    entry.closed = true;
    this.#changed();
    await entry.running.stop();
  }

  #isOpen(entry: Entry): boolean {
    return this.#entries.get(entry.viewer.id) === entry;
  }

  /** Opens it again as soon as it has ended; one that does not end was never displaced. */
  async #bringBack(entry: Entry, isWanted: () => boolean): Promise<void> {
    for (let waited = 0; this.#isOpen(entry) && !entry.displaced(); waited += LOOK_MS) {
      if (waited > ENDING_MS || !isWanted()) return;
      await sleep(LOOK_MS);
    }
    if (this.#ended || !isWanted() || entry.closed) return;
    const { hostKey, seat, ref } = entry.viewer;
    // An earlier failure may have brought it back already.
    if (!this.#isOpen(entry) && this.of(hostKey, entry.viewer).some((v) => v.seat === seat)) return;
    this.#deps.log.info({ ref }, 'the handover failed: the session is opened here again');
    try {
      await entry.reopen();
    } catch (error) {
      this.#deps.log.warn({ ref, code: toHotdeskError(error).code }, 'could not open it again');
    }
  }

  #changed(): void {
    this.#deps.onChange(this.all());
  }
}

function pendingKey(hostKey: string, session: { backend: string; localId: string }): string {
  return `${hostKey}\0${session.backend}\0${session.localId}`;
}
