/** The viewers that run on this machine: opened at a seat, watched, closed, and brought back after a failed handover. */
import type { OpenViewer, Redirect, Viewers } from '../actions/context.ts';
import { orAbort } from '../kernel/abort.ts';
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
import { type Displaceable, Displaced } from './displaced.ts';
import type { Forward, ForwardOptions } from './forward.ts';
import { hasSecrets, isProbablyOpen, localEnd, type Opening, secretsOf } from './opening.ts';
import type { TakenSeat } from './seats.ts';

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
  /** @throws HotdeskError `unknown-seat` */
  takeSeat(id: string): TakenSeat;
  /** @throws HotdeskError `viewer-missing` */
  launch(request: LaunchRequest, signal: AbortSignal): Promise<RunningViewer>;
  onChange(viewers: readonly Viewer[]): void;
  /** These were shown here until somebody took their session over. */
  onTaken(viewers: readonly Viewer[], event: EventData<'handover'>): void;
}

interface Entry extends Displaceable {
  viewer: Viewer;
  readonly running: RunningViewer;
  reopen: () => Promise<unknown>;
  displaced: () => boolean;
  /** Leads its further connections elsewhere. */
  led?: (Pick<Forward, 'lead' | 'settled'> & { readonly port: number | undefined }) | undefined;
  /** Opens another session in its place. */
  again?: ((host: Host, backend: Backend, session: OpenViewer['session']) => Promise<unknown>) | undefined;
  closed: boolean;
}

/** That a viewer opens is told when it takes longer, in ms. */
const OPENING_MS = 150;

export class ViewerRegistry implements Viewers {
  readonly #deps: ViewersDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #displaced: Displaced<Entry>;
  /** Tells of those that open. */
  #soon: NodeJS.Timeout | undefined;

  constructor(deps: ViewersDeps) {
    this.#deps = deps;
    this.#displaced = new Displaced<Entry>({
      log: deps.log,
      of: (hostKey, session) => this.#of(hostKey, session),
      isOpen: (entry) => this.#isOpen(entry),
      close: (entry) => this.#close(entry),
      onTaken: (viewers, event) => deps.onTaken(viewers, event),
    });
  }

  all(): readonly Viewer[] {
    return [...this.#entries.values()].map((e) => e.viewer);
  }

  of(hostKey: string, session: { backend: string; localId: string }): readonly Viewer[] {
    return this.#of(hostKey, session).map((entry) => entry.viewer);
  }

  async open(request: OpenViewer, signal: AbortSignal): Promise<Viewer> {
    const { backend, session } = request;
    if (!isProbablyOpen(request)) await request.claimed;
    const { seat: seatEnv, answers } = this.#deps.takeSeat(request.seat);
    answers.catch(() => {});
    const viewerId = randomId();
    const view: ViewRequest = {
      mode: request.mode,
      options: request.options,
      viewer: { viewerId, ...this.#deps.me },
      password: request.password,
    };
    const found = request.endpoint
      ? Promise.resolve(request.endpoint)
      : // To ask a session for its place may take it from whoever has it.
        Promise.all([request.claimed, answers]).then(() => backend.endpoint(session.localId, view, signal));
    const admitted = request.endpoint
      ? Promise.resolve()
      : found.then(() => backend.admit?.(session.localId, view, signal));
    const way = { found, admitted };
    const opening = { request, viewerId, seatEnv, answers };
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
    const { request, viewerId, seatEnv, answers, found, admitted } = opening;
    const { backend, session, host } = request;
    // A viewer is slow to start: it is started before it is known where it will lead, and that its display answers.
    const nowhere = new Promise<never>((_, reject) => {
      answers.catch(reject);
      found.catch(reject);
      admitted.catch(reject);
    });
    nowhere.catch(() => {});
    const link = await localEnd(opening, this.#deps.folder, this.#deps.log);
    let running: RunningViewer | undefined;
    try {
      const secrets = await secretsOf(opening);
      running = await this.#deps.launch({ ...request, viewerId, seatEnv, at: link.at, secrets }, signal);
      await orAbort(Promise.resolve(request.claimed), signal);
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
      const { endpoint: _started, claimed: _claimed, ...again } = request;
      const reopen = (other: Partial<OpenViewer>) =>
        this.open({ ...again, ...other, mode: 'take' }, AbortSignal.timeout(60_000));
      this.add(viewer, running, () => reopen({}));
      const entry = this.#entries.get(viewerId);
      if (entry && link.forward) {
        const port = link.at?.kind === 'tcp' ? link.at.port : undefined;
        const { lead, settled } = link.forward;
        entry.led = { lead, settled, port };
        entry.again = (to, there, what) => reopen({ host: to, backend: there, session: what });
      }
      void running.exited.then(() => link.forward?.close());
      // Why it has nowhere to go says more than that it ended.
      await orAbort(Promise.race([nowhere, Promise.all([running.shown, answers])]), signal);
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
    // What is told of one that opens competes with it.
    if (viewer.state === 'opening') this.#soon ??= setTimeout(() => this.#changed(), OPENING_MS).unref();
    else this.#changed();
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
    this.#displaced.onHandover(hostKey, event);
  }

  /** Sessions that are being taken from here, by an agent whose word on the outcome may never come. */
  taken(hostKey: string): readonly EventData<'handover'>[] {
    return this.#displaced.taken(hostKey);
  }

  /** Who is taking the session over just now, if anyone. */
  movingBy(hostKey: string, session: { backend: string; localId: string }): Party | undefined {
    return this.#displaced.movingBy(hostKey, session);
  }

  async end(): Promise<void> {
    this.#displaced.end();
    await Promise.all([...this.#entries.values()].map(stopped));
  }

  async #close(entry: Entry): Promise<void> {
    entry.viewer = { ...entry.viewer, state: 'closing' };
    entry.closed = true;
    this.#changed();
    await stopped(entry);
  }

  #isOpen(entry: Entry): boolean {
    return this.#entries.get(entry.viewer.id) === entry;
  }

  #of(hostKey: string, { backend, localId }: { backend: string; localId: string }): readonly Entry[] {
    return [...this.#entries.values()].filter(
      ({ viewer }) => viewer.hostKey === hostKey && viewer.backend === backend && viewer.localId === localId,
    );
  }

  #changed(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#deps.onChange(this.all());
  }
}

/** One that has followed its session elsewhere a moment ago is let alone until it has settled there. */
async function stopped({ led, running }: Entry): Promise<void> {
  await led?.settled();
  await running.stop();
}
