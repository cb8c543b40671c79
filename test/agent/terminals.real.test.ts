/** A terminal that the CLI lends, and a session on another machine in it: bytes over a real socket. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Terminals } from '../../src/agent/terminals.ts';
import { ViewerRegistry } from '../../src/agent/viewers.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Endpoint } from '../../src/model/machine.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import type { EventData, Params } from '../../src/protocol/api.ts';
import { fakes, sessionOf } from '../actions/fake-context.ts';
import { until } from '../rigs/until.ts';
import { fakeCall } from './api/call.ts';

let folder: string;
const sockets: Socket[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-terminals-'));
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  rmSync(folder, { recursive: true, force: true });
});

/** One run of the session's program there. */
interface Run {
  readonly near: Duplex;
  readonly far: Duplex;
  readonly asked: unknown;
  readonly sizes: unknown[];
  end(code: number | undefined): void;
}

const session = sessionOf({ backend: 'tmux', kind: 'terminal', name: 'build' });
const PTY: Endpoint = { kind: 'pty', argv: ['tmux', 'attach'], env: { A: 'b' } };
const params: Params<'terminal.open'> = {
  ...{ ref: 'build', mode: 'take', options: {}, columns: 80, rows: 24, term: 'xterm' },
};

/** @param starts what each run does first */
function rig(starts: (run: Run) => void = ({ far }) => void far.write('hello '), endpoint = PTY) {
  const fake = fakes(['terminal']);
  const runs: Run[] = [];
  const views: unknown[] = [];
  const machine = {
    ...{ name: 'alpha', isLocal: false },
    pty: async (_argv: readonly string[], asked: unknown) => {
      const [near, far] = duplexPair();
      let end: Run['end'] = () => {};
      const exited = new Promise<{ code: number | undefined; signal: undefined }>((resolve) => {
        end = (code) => {
          far.end();
          resolve({ code, signal: undefined });
        };
      });
      const sizes: unknown[] = [];
      const run = { near, far, asked, sizes, end };
      runs.push(run);
      starts(run);
      return { stream: near, resize: (size: unknown) => void sizes.push(size), exited };
    },
  };
  const backend = {
    profile: { name: 'tmux', can: ['attach'], steals: 'shares' },
    machine,
    endpoint: async (_id: string, view: unknown) => {
      views.push(view);
      return endpoint;
    },
    detach: async () => {},
  } as unknown as Backend;
  const context = { ...fake.context, session: async () => session, backend: async () => backend };
  const viewers = new ViewerRegistry({
    ...{ me: { hostId: 'ME', host: 'me' }, log: silentLogger, folder },
    takeSeat: () => expect.unreachable(),
    launch: async () => expect.unreachable(),
    onChange: () => {},
    onTaken: () => {},
  });
  const terminals = new Terminals(viewers, folder);
  const { call, close } = fakeCall();
  const open = (more: Partial<typeof params> = {}) => terminals.open({ ...params, ...more }, call, context);
  return { terminals, viewers, runs, views, machine, open, close };
}

async function lend(path: string | undefined) {
  const socket = connect(path ?? '');
  sockets.push(socket);
  const screen = { text: '', isClosed: false, socket };
  socket.on('data', (chunk: Buffer) => {
    screen.text += chunk.toString();
  });
  socket.on('close', () => {
    screen.isClosed = true;
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return screen;
}

const handover = (phase: EventData<'handover'>['phase']) => ({
  ...{ backend: 'tmux', localId: session.localId, phase, by: { hostId: 'B', host: 'beta' } },
});

describe('a terminal with a session of another machine', () => {
  it('carries what is typed and shown, follows its size, and ends with its program', async () => {
    const { terminals, viewers, runs, open } = rig();
    const { socket, viewerId } = await open();
    const [run] = runs;
    expect(run?.asked).toMatchObject({ columns: 80, rows: 24, term: 'xterm', env: { A: 'b' } });
    expect(viewers.all()).toMatchObject([{ id: viewerId, seat: 'terminal', ref: session.ref }]);
    const screen = await lend(socket);
    screen.socket.write('ls\n');
    await until('it is typed there', () => String(run?.far.read() ?? '') === 'ls\n');
    terminals.resize(viewerId, { columns: 100, rows: 30 });
    expect(run?.sizes).toEqual([{ columns: 100, rows: 30 }]);
    run?.far.write('bye');
    run?.end(0);
    await until('it has ended', () => screen.isClosed);
    expect(screen.text).toBe('hello bye');
    await until('it is no viewer any more', () => viewers.all().length === 0);
    expect(existsSync(socket ?? '')).toBe(false);
  });

  it('ends there when it is closed here: its window, or the command that lent it', async () => {
    for (const how of ['window', 'command']) {
      const { viewers, runs, open, close } = rig();
      const screen = await lend((await open()).socket);
      if (how === 'window') screen.socket.destroy();
      else close();
      await until('it has ended there', () => runs[0]?.near.destroyed);
      await until('it is no viewer any more', () => viewers.all().length === 0);
    }
  });

  it('says what its program said, where that ends at once', async () => {
    const { viewers, open } = rig(({ far, end }) => {
      end(1);
      far.destroy();
    });
    await expect(open()).rejects.toMatchObject({ code: 'viewer-failed' });
    expect(viewers.all()).toEqual([]);
  });

  it('is none where the session is none, or the machine gives none', async () => {
    const window = rig(undefined, { kind: 'unix', path: '/x' });
    await expect(window.open()).rejects.toMatchObject({ code: 'not-supported' });
    const without = rig();
    Object.assign(without.machine, { pty: undefined });
    await expect(without.open()).rejects.toMatchObject({ code: 'not-supported' });
    expect(without.viewers.all()).toEqual([]);
  });
});

describe('a terminal whose session is taken', () => {
  async function taken(starts?: (run: Run, at: number) => void) {
    let at = 0;
    const made = rig(starts && ((run) => starts(run, at++)));
    const screen = await lend((await made.open()).socket);
    await until('it shows', () => screen.text === 'hello ');
    made.viewers.onHandover('A', handover('begin'));
    made.runs[0]?.end(0);
    await until('it says where to', () => screen.text.includes('[hotdesk: build is moving to beta]'));
    return { ...made, screen };
  }

  it('shows it again where that has failed', async () => {
    const { viewers, runs, screen } = await taken();
    viewers.onHandover('A', handover('failed'));
    await until('it is back', () => screen.text.endsWith('hello '));
    expect(runs).toHaveLength(2);
    screen.socket.write('x');
    await until('it is typed there', () => String(runs[1]?.far.read() ?? '') === 'x');
  });

  it('leaves nothing running that nobody sees, where it is closed while the session comes back', async () => {
    const { viewers, runs, screen } = await taken((run, at) => void (at === 0 && run.far.write('hello ')));
    viewers.onHandover('A', handover('failed'));
    await until('it is opened again', () => runs.length === 2);
    screen.socket.destroy();
    await until('it is no viewer any more', () => viewers.all().length === 0);
    runs[1]?.far.write('hello ');
    await until('what was opened is closed', () => runs[1]?.near.destroyed);
  });

  it('ends where it is done', async () => {
    const { viewers, runs, screen } = await taken();
    viewers.onHandover('A', handover('done'));
    await until('it has ended', () => screen.isClosed);
    expect(runs).toHaveLength(1);
    await until('it is no viewer any more', () => viewers.all().length === 0);
  });
});

describe('a terminal in an emulator', () => {
  it('opens its session as the viewer was to, which is told; any other word is a terminal of its own', async () => {
    const { terminals, open, views } = rig();
    let isOpen = false;
    const opened = terminals.awaitCall('v1', { mode: 'readonly', options: { a: 1 } }).then(() => {
      isOpen = true;
    });
    const other = await open({ viewerId: 'unknown' });
    expect(other.viewerId).not.toBe('unknown');
    expect(isOpen).toBe(false);
    expect((await open({ viewerId: 'v1' })).viewerId).toBe('v1');
    await opened;
    expect(views[1]).toMatchObject({ mode: 'readonly', options: { a: 1 }, viewer: { viewerId: 'v1' } });
  });

  it('is waited for no more when it has ended', async () => {
    const { terminals, open } = rig();
    void terminals.awaitCall('v1', { mode: 'take', options: {} });
    terminals.forget('v1');
    expect((await open({ viewerId: 'v1' })).viewerId).not.toBe('v1');
  });
});
