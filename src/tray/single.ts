/**
 * One tray a seat. Each listens on a socket of its seat; who comes second finds it, tells it the
 * environment that it was started with, and goes. So a login that has another bus or another DISPLAY
 * than the last one reaches the tray that the last one left behind.
 */
import { linkSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { encodeLine, LineDecoder } from '../kernel/json-lines.ts';
import { listenPrivately } from '../kernel/private-socket.ts';
import type { Seat } from '../model/seat.ts';

/** A seat's environment is at most a dozen variables of 4 kB. */
const LINE_LIMIT = 128 * 1024;
const ANSWER_MS = 2000;

/** The seat of a tray that has no display yet. */
const NO_SEAT: Seat = { id: 'none', kind: 'x11', env: {} };

export interface Holding {
  end(): void;
}

export interface SingleOptions {
  /** Private to the user. */
  readonly folder: string;
  readonly seat: Seat | undefined;
  /** Another tray was started there: whether this one takes that seat, because it is its own or its own is gone. */
  readonly onOffer: (seat: Seat) => Promise<boolean>;
}

/** @returns the hold on the seat, or the pid of the tray that has it */
export async function holdSeat(options: SingleOptions): Promise<Holding | { readonly pid: number }> {
  const { folder, seat = NO_SEAT } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const runs = await offerAround(folder, seat);
  if (runs !== undefined) return { pid: runs };
  const own = join(folder, `.${process.pid}`);
  const server = await listen(own, options);
  const held = new Set<string>();
  const hold = async (id: string): Promise<number | undefined> => {
    const at = join(folder, fileOf(id));
    if (held.has(at)) return undefined;
    const pid = await claim(own, at, seat);
    if (pid === undefined) held.add(at);
    return pid;
  };
  server.on('adopted', (id: string) => void hold(id));
  const end = () => {
    server.close();
    for (const at of held) rmSync(at, { force: true });
    rmSync(own, { force: true });
  };
  const pid = await hold(seat.id);
  if (pid === undefined) return { end };
  end();
  return { pid };
}

/** Asks every tray there is whether it takes the seat; whose nobody answers any more are put away. */
async function offerAround(folder: string, seat: Seat): Promise<number | undefined> {
  const own = fileOf(seat.id);
  const others = readdirSync(folder).filter((name) => name.endsWith('.sock') && name !== own);
  for (const name of [own, ...others]) {
    const answer = await offer(join(folder, name), seat);
    if (answer === 'nobody' && name !== own) rmSync(join(folder, name), { force: true });
    if (typeof answer === 'object' && (answer.adopted || name === own)) return answer.pid;
  }
  return undefined;
}

/** Gives the listening socket `own` the name `at`, which only one can have. */
async function claim(own: string, at: string, seat: Seat): Promise<number | undefined> {
  for (;;) {
    try {
      linkSync(own, at);
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const answer = await offer(at, seat);
    if (typeof answer === 'object') return answer.pid;
    // Nobody is there: it is put aside, and put away only if that was so.
    const aside = `${own}.old`;
    try {
      renameSync(at, aside);
    } catch {
      continue;
    }
    const again = await offer(aside, seat);
    if (typeof again === 'object') {
      renameSync(aside, at);
      return again.pid;
    }
    rmSync(aside, { force: true });
  }
}

type Answer = { readonly pid: number; readonly adopted: boolean } | 'nobody' | 'silent';

function offer(path: string, seat: Seat): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const timer = setTimeout(() => done('silent'), ANSWER_MS);
    const done = (answer: Answer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    socket.once('error', () => done('nobody'));
    socket.once('close', () => done('silent'));
    onLine(socket, (value) => {
      const { pid, adopted } = (value ?? {}) as { pid?: unknown; adopted?: unknown };
      done(typeof pid === 'number' ? { pid, adopted: adopted === true } : 'silent');
    });
    socket.write(encodeLine(seat));
  });
}

async function listen(path: string, { onOffer }: SingleOptions): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    onLine(socket, async (value) => {
      // Seldom: the schema is loaded when somebody comes.
      const seat = (await import('../model/seat.ts')).Seat.safeParse(value).data;
      if (!seat) return socket.destroy();
      const adopted = await onOffer(seat);
      if (adopted) server.emit('adopted', seat.id);
      return socket.end(encodeLine({ pid: process.pid, adopted }));
    });
  });
  rmSync(path, { force: true });
  return listenPrivately(server, path);
}

function onLine(socket: Socket, take: (value: unknown) => void): void {
  const decoder = new LineDecoder(LINE_LIMIT);
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const value of decoder.push(chunk)) take(value);
    } catch {
      socket.destroy();
    }
  });
}

/** A file name for a seat: `:0` is itself. */
function fileOf(id: string): string {
  const plain = id.replaceAll(/[^A-Za-z0-9:._-]/gu, (c) => `+${c.codePointAt(0)?.toString(16)}`);
  return `${plain.length <= 40 ? plain : `${plain.slice(0, 20)}+${plain.slice(-19)}`}.sock`;
}
