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
import { type DaemonOptions, Parts } from './parts.ts';
import { inodeOf, listenAlone } from './socket.ts';

/** How often the agent looks whether its socket is still its own, in ms (logind may remove the folder). */
const SOCKET_CHECK_MS = 15_000;

export class Daemon {
  readonly stopped: Promise<void>;
  readonly #options: DaemonOptions;
  #resolveStopped: () => void = () => {};
  #parts: Parts | undefined;
  #server: Server | undefined;
  #socketTimer: NodeJS.Timeout | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
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
    log = createLogger(paths.log, this.#options.env.HOTDESK_LOG ?? 'info');
    log.info({ version: HOTDESK_VERSION, pid: process.pid, node: process.version }, 'the agent starts');
    const parts = new Parts(this.#options, identity, log, () => void this.stop());
    this.#parts = parts;
    handlers = await parts.prepare();
    writeFileSync(
      paths.descriptor,
      `${JSON.stringify({ version: HOTDESK_VERSION, pid: process.pid, argv: process.argv.slice(0, 2) })}\n`,
      { mode: 0o600 },
    );
    await parts.start();
    this.#watchSocket(inodeOf(paths.socket), identity, handlers, log);
  }

  /** Goodbyes first, then the viewers' forwards, then the socket. Sessions go on. */
  async stop(): Promise<void> {
    const parts = this.#parts;
    this.#parts = undefined;
    if (!parts) return;
    clearInterval(this.#socketTimer);
    await Promise.race([parts.stop(), new Promise((resolve) => setTimeout(resolve, 5000))]);
    this.#server?.close();
    const { paths } = this.#options;
    rmSync(paths.descriptor, { force: true });
    rmSync(paths.socket, { force: true });
    parts.log.info({}, 'the agent ends');
    this.#resolveStopped();
  }

  /** If the socket is gone it is made anew; if it is another agent's, this one ends. */
  #watchSocket(inode: number | undefined, identity: Identity, handlers: Handlers, log: Logger): void {
    let own = inode;
    this.#socketTimer = setInterval(async () => {
      const now = inodeOf(this.#options.paths.socket);
      if (now === own) return;
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
        own = inodeOf(paths.socket);
      } catch (error) {
        log.error({ err: String(error) }, 'cannot listen');
        void this.stop();
      }
    }, SOCKET_CHECK_MS);
    this.#socketTimer.unref();
  }
}
