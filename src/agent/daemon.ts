/** The agent's life: alone at its socket, its parts started and ended in order. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import type { Logger } from '../kernel/log.ts';
import { ensurePrivateDir } from '../platform/private-dir.ts';
import { HOTDESK_VERSION } from '../protocol/version.ts';
import type { Handlers } from './api/server.ts';
import { serve } from './api/server.ts';
import { type Identity, identityOf } from './identity.ts';
import { createLogger } from './logging.ts';
import type { DaemonOptions, Parts } from './parts.ts';
import { inodeOf, listenAlone } from './socket.ts';

/** How often the agent looks whether its socket is still its own, in ms (logind may remove the folder). */
const SOCKET_CHECK_MS = 15_000;
/** How long goodbyes may take, in ms. */
const STOP_MS = 5000;

/** What the agent consists of, as far as its life needs it. */
export type Living = Pick<Parts, 'log' | 'prepare' | 'start' | 'remade' | 'stop'>;

export type MakeParts = (identity: Identity, log: Logger, onStop: () => void) => Living;

export class Daemon {
  readonly stopped: Promise<void>;
  readonly #options: DaemonOptions;
  readonly #makeParts: MakeParts;
  /** Of its socket. */
  #inode: number | undefined;
  #isEnding = false;
  #resolveStopped: () => void = () => {};
  #parts: Living | undefined;
  #server: Server | undefined;
  #socketTimer: NodeJS.Timeout | undefined;

  constructor(options: DaemonOptions, makeParts: MakeParts) {
    this.#options = options;
    this.#makeParts = makeParts;
    this.stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
  }

  /** @throws HotdeskError `agent-busy` when one runs already, `unsafe-file` for a folder that is not ours */
  async start(): Promise<void> {
    const { paths, uid } = this.#options;
    ensurePrivateDir(paths.runtimeDir, uid);
    mkdirSync(paths.stateDir, { recursive: true, mode: 0o700 });
    const identity = identityOf();
    let handlers: Handlers | undefined;
    let log: Logger | undefined;
    // The socket first: it decides whether this is the agent at all.
    this.#server = await listenAlone(paths.socket, (socket) => {
      if (handlers && log) serve(socket, identity, handlers, log);
      else socket.destroy();
    });
    this.#inode = inodeOf(paths.socket);
    log = createLogger(paths.log, this.#options.env.HOTDESK_LOG ?? 'info');
    log.info({ version: HOTDESK_VERSION, pid: process.pid, node: process.version }, 'the agent starts');
    const parts = this.#makeParts(identity, log, () => void this.stop());
    this.#parts = parts;
    // Told to end before there was anything to end.
    if (this.#isEnding) return this.stop();
    handlers = await parts.prepare();
    // What it has begun since then has to be ended too.
    if (this.#isEnding) return end(parts);
    this.#describe();
    await parts.start();
    if (!this.#isEnding) this.#watchSocket(identity, handlers, log);
  }

  /** Goodbyes first, then the viewers' forwards, then the socket. Sessions go on. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    const parts = this.#parts;
    this.#parts = undefined;
    if (!parts) return;
    clearInterval(this.#socketTimer);
    await end(parts);
    const { paths } = this.#options;
    const now = inodeOf(paths.socket);
    // Another agent's are left to it.
    if (now === undefined || now === this.#inode) {
      rmSync(paths.descriptor, { force: true });
      rmSync(paths.socket, { force: true });
    }
    this.#server?.close();
    parts.log.info({}, 'the agent ends');
    this.#resolveStopped();
  }

  /** Says which process it is, for whoever gets no answer from it. */
  #describe(): void {
    const about = { version: HOTDESK_VERSION, pid: process.pid, argv: process.argv.slice(0, 2) };
    writeFileSync(this.#options.paths.descriptor, `${JSON.stringify(about)}\n`, { mode: 0o600 });
  }

  /** If the socket is gone it is made anew; if it is another agent's, this one ends. */
  #watchSocket(identity: Identity, handlers: Handlers, log: Logger): void {
    this.#socketTimer = setInterval(async () => {
      const now = inodeOf(this.#options.paths.socket);
      if (now === this.#inode) return;
      if (now !== undefined) {
        log.warn({}, 'another agent has the socket: this one ends');
        void this.stop();
        return;
      }
      log.warn({}, 'the socket was removed: making it anew');
      this.#server?.close();
      const { paths, uid } = this.#options;
      try {
        ensurePrivateDir(paths.runtimeDir, uid);
        this.#server = await listenAlone(paths.socket, (s) => serve(s, identity, handlers, log));
        this.#inode = inodeOf(paths.socket);
        // The folder went with it, as it does when logind ends a login.
        this.#describe();
        mkdirSync(paths.viewerDir, { recursive: true, mode: 0o700 });
        this.#parts?.remade();
      } catch (error) {
        log.error({ err: String(error) }, 'cannot listen');
        void this.stop();
      }
    }, SOCKET_CHECK_MS);
    this.#socketTimer.unref();
  }
}

async function end(parts: Living): Promise<void> {
  await Promise.race([parts.stop(), new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
}
