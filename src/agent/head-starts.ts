/**
 * Commands that open a window are begun before they have a Node to run in: bin/hotdesk.js leaves a file for each
 * (its name is the process's number), and waits a moment for the line to print. Where that does not come, the same
 * process goes on as the command line, whose request then joins what was begun, or makes it anew.
 */
import {
  closeSync,
  constants,
  type FSWatcher,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { isAlive } from '../kernel/is-alive.ts';
import type { Logger } from '../kernel/log.ts';
import { emptyDir } from '../platform/private-dir.ts';
import { type ActionResult, METHODS, type Params } from '../protocol/api.ts';
import {
  HEAD_START_LIMIT,
  HEAD_STARTS_AGENT,
  type HeadStart,
  type PlainCommand,
  readHeadStart,
  saidTo,
} from '../protocol/head-start.ts';
import type { Call, Connection, Handlers } from './api/server.ts';
import { type Around, hurried, saidOf } from './hurry.ts';
import { sayTo } from './say-to.ts';
import type { Seats } from './seats.ts';

/** How often it is looked whether the process is there still, in ms. */
const ALIVE_MS = 50;
/** What came of one is kept no longer for its process, in ms. */
const KEPT_MS = 10_000;

export type Opens = Pick<Handlers, PlainCommand['method']>;

export interface HeadStartsDeps {
  readonly folder: string;
  readonly uid: number;
  readonly log: Logger;
  readonly around: Around;
  readonly seats: Pick<Seats, 'register'>;
  readonly opens: Opens;
}

interface Begun {
  readonly wish: PlainCommand;
  readonly controller: AbortController;
  work: Promise<ActionResult>;
  /** What the work said last, and who hears what it says next. */
  last: string | undefined;
  report: ((text: string) => void) | undefined;
}

interface Entry {
  readonly begun: Begun | undefined;
  /** Ends with the process, or when the command line has taken over. */
  readonly over: AbortController;
  readonly timer: NodeJS.Timeout;
}

export class HeadStarts {
  readonly #deps: HeadStartsDeps;
  readonly #entries = new Map<number, Entry>();
  #watcher: FSWatcher | undefined;

  constructor(deps: HeadStartsDeps) {
    this.#deps = deps;
  }

  /** Takes them from now on; again after the folder was removed. */
  start(): void {
    const { folder, log } = this.#deps;
    this.#watcher?.close();
    try {
      emptyDir(folder);
      this.#watcher = watch(folder, { persistent: false }, (_event, name) => this.#take(name ?? ''));
      this.#watcher.on('error', () => this.#watcher?.close());
      writeFileSync(join(folder, HEAD_STARTS_AGENT), `${process.pid}\n`, { mode: 0o600 });
    } catch (error) {
      // Commands open as they do without.
      log.warn({ err: String(error) }, 'no head starts');
    }
  }

  /** No more of them; what is under way and belongs to no command line yet is undone. */
  stop(): void {
    this.#watcher?.close();
    // Another agent's is left to it.
    if (this.#isOurs()) rmSync(this.#deps.folder, { recursive: true, force: true });
    for (const [pid, { begun }] of this.#entries) {
      begun?.controller.abort(new HotdeskError('cancelled', 'The agent ends.'));
      this.#forget(pid);
    }
  }

  /** The same methods, for requests that may have had a head start. */
  joined(): Opens {
    const { opens } = this.#deps;
    return {
      start: async (params, call) => (await this.#join('start', params, call)) ?? opens.start(params, call),
      attach: async (params, call) =>
        (await this.#join('attach', params, call)) ?? opens.attach(params, call),
      move: async (params, call) => (await this.#join('move', params, call)) ?? opens.move(params, call),
    };
  }

  #isOurs(): boolean {
    try {
      return readFileSync(join(this.#deps.folder, HEAD_STARTS_AGENT), 'utf8') === `${process.pid}\n`;
    } catch {
      return false;
    }
  }

  #take(name: string): void {
    const pid = /^[1-9]\d{0,9}$/u.test(name) ? Number(name) : 0;
    if (pid === 0 || this.#entries.has(pid)) return;
    const file = join(this.#deps.folder, name);
    const bytes = readOwn(file, this.#deps.uid);
    const given = bytes && readHeadStart(bytes);
    if (!bytes || given === 'incomplete') return;
    rmSync(file, { force: true });
    if (isAlive(pid)) this.#begin(pid, given);
  }

  #begin(pid: number, given: HeadStart | undefined): void {
    const begun = given && this.#begun(given);
    const over = new AbortController();
    const until = Date.now() + KEPT_MS;
    let isUnderWay = begun !== undefined;
    const timer = setInterval(() => {
      if (isAlive(pid) && (isUnderWay || Date.now() < until)) return;
      // What is done is done: nothing of it may hear of that.
      if (isUnderWay) begun?.controller.abort(new HotdeskError('cancelled', 'The caller went away.'));
      this.#forget(pid);
    }, ALIVE_MS);
    this.#entries.set(pid, { begun, over, timer });
    const said = begun ? begun.work.then((result) => saidOf(begun.wish.method, result)) : undefined;
    void Promise.resolve(said)
      .catch(() => undefined)
      .then((text) => {
        isUnderWay = false;
        return sayTo(this.#pipe(pid), text === undefined ? '!\n' : `=${text}\n`, over.signal);
      })
      .catch(() => {});
  }

  /** Goes along with it, or not. */
  #begun(given: HeadStart): Begun | undefined {
    const { around, seats, opens, log } = this.#deps;
    const wish = hurried(given, around);
    const seat = METHODS['seat.register'].params.safeParse(given.seat);
    const params = wish && METHODS[wish.method].params.safeParse(wish.params);
    if (!wish || !params?.success || !seat.success) return undefined;
    log.info({ method: wish.method }, 'a head start');
    const controller = new AbortController();
    const begun: Begun = {
      wish: { ...wish, params: params.data } as PlainCommand,
      controller,
      work: Promise.resolve({} as ActionResult),
      last: undefined,
      report: undefined,
    };
    const call: Call = {
      connection: NOBODY,
      signal: controller.signal,
      progress: (text) => {
        begun.last = text;
        begun.report?.(text);
      },
    };
    const open = opens[wish.method] as (params: unknown, call: Call) => Promise<ActionResult>;
    begun.work = seats.register(seat.data).then(() => open(params.data, call));
    begun.work.catch((error: unknown) => {
      const { code } = toHotdeskError(error);
      if (code === 'internal') log.error({ method: wish.method, err: String(error) }, 'a head start failed');
    });
    return begun;
  }

  /**
   * What was begun for the process of this request, if it asks for the same; undefined where it must be done now.
   * @throws what it failed with
   */
  async #join<M extends PlainCommand['method']>(
    method: M,
    params: Params<M>,
    call: Call,
  ): Promise<ActionResult | undefined> {
    const pid = call.headStart;
    if (pid === undefined) return undefined;
    // One that was not read yet never will be.
    rmSync(join(this.#deps.folder, `${pid}`), { force: true });
    const begun = this.#entries.get(pid)?.begun;
    this.#forget(pid);
    if (!begun) return undefined;
    if (begun.wish.method !== method || !isSame(begun.wish.params, params)) {
      begun.controller.abort(new HotdeskError('cancelled', 'Something else is asked for.'));
      await begun.work.catch(() => {});
      return undefined;
    }
    const onAbort = () => begun.controller.abort(call.signal.reason);
    call.signal.addEventListener('abort', onAbort, { once: true });
    if (call.signal.aborted) onAbort();
    begun.report = call.progress;
    if (begun.last !== undefined) call.progress(begun.last);
    try {
      return await begun.work;
    } catch (error) {
      // There was nobody to ask then.
      if (toHotdeskError(error).code === 'auth-failed' && !call.signal.aborted) return undefined;
      throw error;
    } finally {
      call.signal.removeEventListener('abort', onAbort);
    }
  }

  #forget(pid: number): void {
    const entry = this.#entries.get(pid);
    if (!entry) return;
    this.#entries.delete(pid);
    clearInterval(entry.timer);
    entry.over.abort(new HotdeskError('cancelled', 'Nobody waits.'));
    rmSync(this.#pipe(pid), { force: true });
  }

  #pipe(pid: number): string {
    return saidTo(join(this.#deps.folder, `${pid}`));
  }
}

/** Who calls while there is no connection: it hears nothing, and is asked nothing. */
const NOBODY: Connection = {
  hello: { hotdesk: 0, version: '', role: 'client' },
  send: () => {},
  backlog: () => 0,
  onClose: () => {},
};

/** The bytes of a file of ours, and no more than tell that it is too long; undefined where there is none. */
function readOwn(path: string, uid: number): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.uid !== uid) return undefined;
    const bytes = Buffer.alloc(Math.min(stat.size, HEAD_START_LIMIT + 1));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The seat aside: in a terminal, the command line asks without one first. */
function isSame(one: object, other: object): boolean {
  return text(one) === text(other);
}

function text(params: object): string {
  const { seat: _seat, ...rest } = params as { seat?: string };
  return JSON.stringify(rest);
}
