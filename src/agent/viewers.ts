/** The viewers that run on this machine: opened at a seat, watched, closed, and brought back after a failed handover. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenViewer, Viewers } from '../actions/context.ts';
import { orAbort } from '../kernel/abort.ts';
import { toHotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import type { Endpoint } from '../model/machine.ts';
import { formatRef } from '../model/ref.ts';
import type { Seat } from '../model/seat.ts';
import type { Viewer } from '../model/viewer.ts';
import type { EventData, Party } from '../protocol/api.ts';
import { type Forward, forward } from './forward.ts';

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
}

interface Entry {
  viewer: Viewer;
  readonly running: RunningViewer;
  /** Opens it again as it was. */
  reopen: () => Promise<unknown>;
  /** Is it still there, without its session, for the outcome of a handover? */
  displaced: () => boolean;
}

interface Pending {
  readonly by: Party;
  readonly entries: readonly Entry[];
}

/** How long a viewer's connection waits for a session that is still being started, in ms. */
const HOLD_MS = 20_000;

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
    const { backend, session, host } = request;
    const seatEnv = await this.#deps.pickSeat(request.seat);
    const viewerId = randomId();
    const endpoint =
      request.endpoint ??
      (await backend.endpoint(
        session.localId,
        { mode: request.mode, options: request.options, viewer: { viewerId, ...this.#deps.me } },
        signal,
      ));
    const link = await this.#localEnd(viewerId, request, endpoint);
    let running: RunningViewer | undefined;
    try {
      running = await this.#deps.launch({ ...request, viewerId, seatEnv, at: link.at }, signal);
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
      this.add(viewer, running, () => this.open({ ...again, mode: 'take' }, AbortSignal.timeout(60_000)));
      void running.exited.then(() => link.forward?.close());
      await orAbort(running.shown, signal);
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
    this.#entries.set(viewer.id, { viewer, running, reopen, displaced });
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

  async close(viewerId: string): Promise<void> {
    const entry = this.#entries.get(viewerId);
    if (entry) await this.#close(entry);
  }

  /** A handover of a session on `hostKey` began, was done, or failed. */
  onHandover(hostKey: string, event: EventData<'handover'>): void {
    const key = `${hostKey}\0${event.backend}\0${event.localId}`;
    if (event.phase === 'begin') {
      const ids = new Set(this.of(hostKey, event).map((v) => v.id));
      const entries = [...this.#entries.values()].filter((e) => ids.has(e.viewer.id));
      this.#pending.set(key, { by: event.by, entries });
      return;
    }
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    for (const entry of pending?.entries ?? []) {
      const open = this.#entries.has(entry.viewer.id);
      if (event.phase === 'done' && open) void this.#close(entry);
      if (event.phase === 'failed' && (!open || entry.displaced())) this.#return(entry);
    }
  }

  /** Who is taking the session over just now, if anyone. */
  movingBy(hostKey: string, session: { backend: string; localId: string }): Party | undefined {
    return this.#pending.get(`${hostKey}\0${session.backend}\0${session.localId}`)?.by;
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all([...this.#entries.values()].map((e) => e.running.stop()));
  }

  async #close(entry: Entry): Promise<void> {
    entry.viewer = { ...entry.viewer, state: 'closing' };
    await entry.running.stop();
  }

  #return(entry: Entry): void {
    if (this.#ended) return;
    this.#deps.log.info({ ref: entry.viewer.ref }, 'the handover failed: the session is opened here again');
    entry.reopen().catch((error: unknown) => {
      this.#deps.log.warn(
        { ref: entry.viewer.ref, code: toHotdeskError(error).code },
        'could not open it again',
      );
    });
  }

  async #localEnd(
    viewerId: string,
    request: OpenViewer,
    endpoint: Endpoint,
  ): Promise<{ at: Endpoint | undefined; forward?: Forward }> {
    if (endpoint.kind === 'pty') return { at: undefined };
    const { machine } = request.backend;
    // A session that is being started is held back by the forward, on this machine too.
    if (machine.isLocal && !request.endpoint) return { at: endpoint };
    mkdirSync(this.#deps.folder, { recursive: true, mode: 0o700 });
    const path = join(this.#deps.folder, `${viewerId}.sock`);
    const held = await forward(path, {
      open: (signal) => machine.open(endpoint, signal),
      holdMs: request.endpoint ? HOLD_MS : 0,
      onError: (error) => {
        const { code, message } = toHotdeskError(error);
        if (code !== 'cancelled') this.#deps.log.warn({ viewer: viewerId, code }, `forward: ${message}`);
      },
    });
    return { at: { kind: 'unix', path }, forward: held };
  }

  #changed(): void {
    this.#deps.onChange(this.all());
  }
}
