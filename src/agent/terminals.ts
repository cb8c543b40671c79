/** Terminal sessions shown in a terminal that a CLI lends: raw bytes over a private local socket. */
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Opening, takeOver } from '../actions/attach.ts';
import type { ActionContext, Options } from '../actions/context.ts';
import { sleep } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import { sanitise } from '../kernel/text.ts';
import type { Machine, PtyStream, TerminalSize } from '../model/machine.ts';
import type { Viewer } from '../model/viewer.ts';
import type { Params, TerminalResult, ViewMode } from '../protocol/api.ts';
import type { Call } from './api/server.ts';
import type { RunningViewer, ViewerRegistry } from './viewers.ts';

/** A terminal whose program is silent for this long after its start is taken as shown, in ms. */
const QUIET_MS = 1500;
/** How long the last of its output may come after a program has ended, in ms. */
const LAST_WORDS_MS = 1000;
/** How long a terminal waits for a displaced session to come back before it ends, in ms. */
const RETURN_MS = 95_000;

/** How a terminal is to show its session. */
export interface AwaitedView {
  readonly mode: ViewMode;
  readonly options: Options;
}

interface Awaited {
  readonly view: AwaitedView;
  readonly opened: () => void;
}

interface Lent {
  resize(size: TerminalSize): void;
}

export class Terminals {
  readonly #viewers: ViewerRegistry;
  readonly #folder: string;
  readonly #lent = new Map<string, Lent>();
  /** Emulators that were started for a viewer id and have not called back yet. */
  readonly #awaited = new Map<string, Awaited>();

  constructor(viewers: ViewerRegistry, folder: string) {
    this.#viewers = viewers;
    this.#folder = folder;
  }

  /** Resolves when the terminal that was started for `viewerId` has opened its session, as `view` says. */
  awaitCall(viewerId: string, view: AwaitedView): Promise<void> {
    return new Promise((opened) => this.#awaited.set(viewerId, { view, opened }));
  }

  /** The terminal that was started for `viewerId` has ended. */
  forget(viewerId: string): void {
    this.#awaited.delete(viewerId);
  }

  resize(viewerId: string, size: TerminalSize): void {
    this.#lent.get(viewerId)?.resize(size);
  }

  async open(params: Params<'terminal.open'>, call: Call, context: ActionContext): Promise<TerminalResult> {
    const session = await context.session(params.ref, call.signal);
    const host = context.hostOf(session);
    const backend = await context.backend(host, session.backend, call.signal);
    const awaited = params.viewerId === undefined ? undefined : this.#awaited.get(params.viewerId);
    const viewerId = awaited && params.viewerId ? params.viewerId : randomId();
    const fromEmulator = awaited !== undefined;
    const { mode, options: given } = awaited?.view ?? params;
    const place = { host, session: session.name, seat: undefined };
    const options = await context.options(backend, place, given);
    const endpoint = await backend.endpoint(
      session.localId,
      { mode, options, viewer: { viewerId, ...context.me } },
      call.signal,
    );
    if (endpoint.kind !== 'pty') {
      throw new HotdeskError('not-supported', `${session.name} is no terminal session.`, {
        hint: `It opens in a window: run \`hotdesk attach ${session.ref}\` where there is a display.`,
      });
    }
    const viewer: Viewer = {
      id: viewerId,
      ref: session.ref,
      hostKey: session.hostKey,
      backend: session.backend,
      localId: session.localId,
      seat: 'terminal',
      since: Math.floor(Date.now() / 1000),
      state: 'shown',
    };
    const view = { session, host, mode, steals: session.steals ?? backend.profile.steals };
    const take = async (opening: Pick<Opening, 'run' | 'undo'>) => {
      const endOthers = (inner: AbortSignal) => backend.detach(session.localId, inner);
      // What started the emulator has claimed the session already.
      if (fromEmulator) await opening.run(call.signal, Promise.resolve());
      else await takeOver(context, view, call.signal, call.progress, { ...opening, endOthers });
    };
    if (backend.machine.isLocal) {
      await take({ run: async () => {}, undo: async () => {} });
      this.#note(viewer, call, fromEmulator);
      return { viewerId, argv: [...endpoint.argv], env: { ...endpoint.env }, session };
    }
    const size = { columns: params.columns, rows: params.rows };
    const terminal = new RemoteTerminal(backend.machine, endpoint.argv, {
      ...size,
      term: params.term,
      env: endpoint.env,
    });
    await take({ run: (inner) => terminal.start(inner), undo: async () => terminal.stop() });
    const socket = join(this.#folder, `${viewerId}.tty`);
    const moving = () => this.#viewers.movingBy(session.hostKey, session)?.host;
    const done = terminal.serve(socket, session.name, moving);
    this.#lent.set(viewerId, terminal);
    const running: RunningViewer = {
      pid: undefined,
      shown: Promise.resolve(),
      exited: done.then((how) => {
        this.#lent.delete(viewerId);
        rmSync(socket, { force: true });
        return how;
      }),
      displaced: () => terminal.displaced,
      stop: async () => terminal.stop(),
    };
    this.#register(viewer, running, fromEmulator, () => terminal.resume());
    call.connection.onClose(() => terminal.stop());
    return { viewerId, socket, session };
  }

  /** A viewer that the CLI runs itself lives as long as its connection. */
  #note(viewer: Viewer, call: Call, fromEmulator: boolean): void {
    const exited = new Promise<string>((resolve) =>
      call.connection.onClose(() => resolve('the terminal was closed')),
    );
    const running: RunningViewer = { pid: undefined, shown: Promise.resolve(), exited, stop: async () => {} };
    this.#register(viewer, running, fromEmulator, async () => {});
  }

  #register(
    viewer: Viewer,
    running: RunningViewer,
    fromEmulator: boolean,
    reopen: () => Promise<void>,
  ): void {
    this.#awaited.get(viewer.id)?.opened();
    this.#awaited.delete(viewer.id);
    // The emulator's own process is the viewer; its terminal inside is not a second one.
    if (fromEmulator) this.#viewers.adopt(viewer.id, running, reopen);
    else this.#viewers.add(viewer, running, reopen);
  }
}

type PtyOptions = TerminalSize & { readonly term: string; readonly env: Readonly<Record<string, string>> };

/** One remote pseudo-terminal and the local socket that shows it; outlives a displaced pty for a while. */
class RemoteTerminal implements Lent {
  readonly #machine: Machine;
  readonly #argv: readonly string[];
  #options: PtyOptions;
  #pty: PtyStream | undefined;
  #local: Socket | undefined;
  #ended: (how: string) => void = () => {};
  #stopped = false;
  #resumed: (() => void) | undefined;

  constructor(machine: Machine, argv: readonly string[], options: PtyOptions) {
    this.#machine = machine;
    this.#argv = argv;
    this.#options = options;
  }

  /** Runs the command and waits for its first output. @throws HotdeskError `viewer-failed` if it ends at once */
  async start(signal: AbortSignal): Promise<void> {
    if (!this.#machine.pty) throw new HotdeskError('not-supported', 'That machine gives no terminals.');
    const pty = await this.#machine.pty(this.#argv, { ...this.#options, signal });
    const first = new Promise<'output'>((resolve) => {
      pty.stream.once('readable', () => resolve('output'));
    });
    const failed = pty.exited.then(({ code }) => ({ code }));
    const seen = await Promise.race([first, failed, sleep(QUIET_MS, signal)]);
    if (typeof seen === 'object' && seen.code !== 0) {
      const said = sanitise(String((pty.stream.read() as Buffer | null) ?? ''));
      throw new HotdeskError('viewer-failed', said || `The terminal ended with code ${seen.code ?? '?'}.`);
    }
    this.#pty = pty;
  }

  resize(size: TerminalSize): void {
    this.#options = { ...this.#options, ...size };
    this.#pty?.resize(size);
  }

  stop(): void {
    this.#stopped = true;
    this.#pty?.stream.destroy();
    this.#local?.destroy();
    this.#ended('closed');
  }

  /** Its program was ended by a handover whose outcome is open. */
  get displaced(): boolean {
    return this.#resumed !== undefined;
  }

  /** After a failed handover: the session in the same terminal again. */
  async resume(): Promise<void> {
    if (this.#stopped) return;
    await this.start(AbortSignal.timeout(30_000));
    // Closed meanwhile, or it has waited for too long: nobody would see what runs in it.
    if (this.#resumed && !this.#stopped) this.#resumed();
    else this.#pty?.stream.destroy();
  }

  /** Shows the terminal to who connects to `path` first; settles when it is over. */
  serve(path: string, name: string, movingBy: () => string | undefined): Promise<string> {
    return new Promise((resolve) => {
      this.#ended = resolve;
      const server = createServer((socket) => {
        server.close();
        this.#local = socket;
        socket.on('error', () => socket.destroy());
        socket.on('close', () => this.stop());
        void this.#show(socket, name, movingBy).then(resolve);
      });
      server.on('error', (error) => resolve(String(error)));
      server.listen(path);
      sleep(10_000).then(
        () => {
          if (!this.#local) {
            server.close();
            this.stop();
          }
        },
        () => {},
      );
    });
  }

  async #show(socket: Socket, name: string, movingBy: () => string | undefined): Promise<string> {
    for (;;) {
      const pty = this.#pty;
      if (!pty) return 'closed';
      pty.stream.on('data', (chunk: Buffer) => {
        if (!socket.write(chunk)) {
          pty.stream.pause();
          socket.once('drain', () => pty.stream.resume());
        }
      });
      const feed = (chunk: Buffer) => void pty.stream.write(chunk);
      socket.on('data', feed);
      pty.stream.on('error', () => {});
      const { code } = await pty.exited;
      await lastWords(pty.stream);
      socket.off('data', feed);
      if (this.#stopped) return 'closed';
      const by = movingBy();
      if (by === undefined) {
        socket.end();
        return `ended with code ${code ?? '?'}`;
      }
      socket.write(`\r\n[hotdesk: ${name} is moving to ${by}]\r\n`);
      if (!(await this.#comesBack())) {
        socket.end();
        return `moved to ${by}`;
      }
    }
  }

  /** Waits until the handover has ended: true when this terminal was resumed, false when it was stopped. */
  async #comesBack(): Promise<boolean> {
    let resumed = false;
    this.#resumed = () => {
      resumed = true;
    };
    for (let waited = 0; waited < RETURN_MS && !resumed && !this.#stopped; waited += 50) await sleep(50);
    this.#resumed = undefined;
    return resumed;
  }
}

/** An exit code may come before the last of the output, which is waited for a moment. */
function lastWords(stream: Readable): Promise<void> {
  if (stream.readableEnded || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LAST_WORDS_MS);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    stream.once('end', done).once('close', done);
  });
}
