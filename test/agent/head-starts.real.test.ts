/** Real files, pipes and processes; what is begun is the test's. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../../src/agent/api/server.ts';
import { HeadStarts, type Opens } from '../../src/agent/head-starts.ts';
import { sleep } from '../../src/kernel/abort.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import { SEAT_VARIABLES } from '../../src/model/seat-of.ts';
import type { ActionResult, Params } from '../../src/protocol/api.ts';
import { HOST, sessionOf } from '../actions/fake-context.ts';
import { packaged } from '../contract/packaged.ts';
import { until } from '../rigs/until.ts';
import { fakeCall } from './api/call.ts';

const session = sessionOf();
const viewer = {
  ...{ id: 'v', ref: session.ref, hostKey: 'A', backend: 'xpra', localId: '100', seat: ':7' },
  ...{ since: 1, state: 'shown' as const },
};
const OPENED: ActionResult = { session, viewer };
const ASKED = { ref: 'xterm', mode: 'take' as const, options: {}, seat: ':7' };

let root: string;
let folder: string;
let headStarts: HeadStarts;
let processes: ChildProcess[] = [];
let begun: { method: string; params: object; call: Call }[] = [];
/** What comes of what is begun. */
let outcome: () => Promise<ActionResult>;
let registered: string[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hd-early-'));
  folder = join(root, 'early');
  begun = [];
  registered = [];
  outcome = async () => OPENED;
  const open = (method: string) => async (params: object, call: Call) => {
    begun.push({ method, params, call });
    return outcome();
  };
  headStarts = new HeadStarts({
    folder,
    uid: process.getuid?.() ?? 0,
    log: silentLogger,
    around: {
      rows: () => ({ hosts: [HOST], sessions: [session], answerOf: new Map() }),
      profiles: () => [packaged('xpra')],
    },
    seats: { register: async ({ id }) => void registered.push(id) },
    opens: { start: open('start'), attach: open('attach'), move: open('move') } as Opens,
  });
  headStarts.start();
});
afterEach(async () => {
  headStarts.stop();
  for (const each of processes) each.kill('SIGKILL');
  processes = [];
  rmSync(root, { recursive: true });
});

/** A process that waits. */
function caller(): number {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  processes.push(child);
  return child.pid ?? 0;
}

function textOf(words: readonly string[], display = ':7'): string {
  const values = SEAT_VARIABLES.map((name) => (name === 'DISPLAY' ? display : ''));
  return ['hotdesk 1', '0', ...values, `${words.length}`, ...words, 'end', ''].join('\n');
}

function leave(pid: number, words = ['attach', 'xterm']): void {
  writeFileSync(join(folder, `${pid}`), textOf(words));
}

/** What is said to that process. */
async function answerTo(pid: number): Promise<string> {
  const pipe = join(folder, `${pid}.said`);
  execFileSync('mkfifo', [pipe]);
  return (await promisify(execFile)('cat', [pipe], { timeout: 5000 })).stdout;
}

/** A request of the command line of that process. */
function request(pid: number | undefined, params: Params<'attach'> = ASKED, signal?: AbortSignal) {
  const { call, said } = fakeCall();
  const own = { ...call, headStart: pid, ...(signal ? { signal } : {}) } as Call;
  return { answer: Promise.resolve(headStarts.joined().attach(params, own)), said };
}

const gone = (pid: number) => until('nothing is left of it', () => left(pid).length === 0);
const left = (pid: number) => readdirSync(folder).filter((name) => name.startsWith(`${pid}`));

describe('a head start', () => {
  test('is begun at its seat, and its line said', async () => {
    expect(readFileSync(join(folder, 'agent'), 'utf8')).toBe(`${process.pid}\n`);
    const pid = caller();
    leave(pid);
    expect(await answerTo(pid)).toBe('=xterm@alpha is shown here.\n');
    expect(begun).toMatchObject([{ method: 'attach', params: ASKED }]);
    expect(registered).toEqual([':7']);
    processes[0]?.kill('SIGKILL');
    await gone(pid);
  });

  test('is begun when the whole of it is there', async () => {
    const pid = caller();
    const text = textOf(['attach', 'xterm']);
    writeFileSync(join(folder, `${pid}`), text.slice(0, 30));
    await sleep(50);
    expect(begun).toEqual([]);
    appendFileSync(join(folder, `${pid}`), text.slice(30));
    expect(await answerTo(pid)).toContain('is shown here');
    expect(begun).toHaveLength(1);
  });

  test.each([
    ['what is not plain', (pid: number) => leave(pid, ['attach', '--share', 'xterm'])],
    ['what is malformed', (pid: number) => writeFileSync(join(folder, `${pid}`), 'x\nend\n')],
    ['what is too long', (pid: number) => leave(pid, ['attach', 'x'.repeat(70_000)])],
    [
      'a seat that is none',
      (pid: number) => writeFileSync(join(folder, `${pid}`), textOf(['attach', 'xterm'], 'x'.repeat(500))),
    ],
  ])('is left at once to the command line: %s', async (_what, write) => {
    const pid = caller();
    write(pid);
    expect(await answerTo(pid)).toBe('!\n');
    expect(begun).toEqual([]);
    expect(await request(pid).answer).toBe(OPENED);
    expect(begun).toHaveLength(1);
  });

  test('that fails is left to the command line, which hears why', async () => {
    const error = new HotdeskError('viewer-failed', 'No.');
    outcome = () => Promise.reject(error);
    const pid = caller();
    leave(pid);
    expect(await answerTo(pid)).toBe('!\n');
    await expect(request(pid).answer).rejects.toBe(error);
    expect(begun).toHaveLength(1);
  });

  test('whose seat does not answer opens nothing', async () => {
    headStarts.stop();
    const refused = new HotdeskError('no-seat', 'No.');
    const opens = { attach: async () => OPENED } as unknown as Opens;
    headStarts = new HeadStarts({
      ...{ folder, uid: process.getuid?.() ?? 0, log: silentLogger, opens },
      around: {
        rows: () => ({ hosts: [HOST], sessions: [session], answerOf: new Map() }),
        profiles: () => [packaged('xpra')],
      },
      seats: { register: () => Promise.reject(refused) },
    });
    headStarts.start();
    const pid = caller();
    leave(pid);
    expect(await answerTo(pid)).toBe('!\n');
    await expect(request(pid).answer).rejects.toBe(refused);
  });

  test('is undone when its process ends', async () => {
    outcome = () => new Promise(() => {});
    const pid = caller();
    leave(pid);
    await until('it is begun', () => begun.length === 1);
    await sleep(120);
    expect(begun[0]?.call.signal.aborted).toBe(false);
    processes[0]?.kill('SIGKILL');
    await until('it is stopped', () => begun[0]?.call.signal.aborted === true);
    await gone(pid);
  });

  test('that came to its end is left alone when its process ends', async () => {
    const pid = caller();
    leave(pid);
    expect(await answerTo(pid)).toContain('is shown here');
    processes[0]?.kill('SIGKILL');
    await gone(pid);
    await sleep(120);
    expect(begun[0]?.call.signal.aborted).toBe(false);
  });

  test('of a process that has ended is not begun', async () => {
    const pid = caller();
    processes[0]?.kill('SIGKILL');
    await until('it has ended', () => !existsSync(`/proc/${pid}`));
    leave(pid);
    await gone(pid);
    expect(begun).toEqual([]);
  });

  test('is a file of its own user, by its number, and no link', async () => {
    const pid = caller();
    const other = join(root, 'other');
    writeFileSync(other, textOf(['attach', 'xterm']));
    symlinkSync(other, join(folder, `${pid}`));
    mkdirSync(join(folder, `${pid + 1}`));
    for (const name of ['x', '0', '-1', `0${pid}`, '12345678901', `${pid}.other`]) {
      writeFileSync(join(folder, name), textOf(['attach', 'xterm']));
    }
    await sleep(100);
    expect(begun).toEqual([]);
    expect(existsSync(other)).toBe(true);
  });
});

describe('the command line', () => {
  test('joins what was begun for its process, and hears how it goes on', async () => {
    let go = (_result: ActionResult) => {};
    outcome = () =>
      new Promise((resolve) => {
        go = resolve;
      });
    const pid = caller();
    leave(pid);
    await until('it is begun', () => begun.length === 1);
    begun[0]?.call.progress('asking alpha');
    // In a terminal it asks without a seat first.
    const { answer, said } = request(pid, { ref: 'xterm', mode: 'take', options: {} });
    await sleep(0);
    begun[0]?.call.progress('opening xterm');
    go(OPENED);
    expect(await answer).toBe(OPENED);
    expect(said).toEqual(['asking alpha', 'opening xterm']);
    expect(begun).toHaveLength(1);
    // The same request again is a new one.
    outcome = async () => OPENED;
    expect(await request(pid).answer).toBe(OPENED);
    expect(begun).toHaveLength(2);
  });

  test('has what was done already, though nobody read it from the pipe', async () => {
    const pid = caller();
    leave(pid);
    await until('it is begun', () => begun.length === 1);
    await sleep(100);
    expect(await request(pid).answer).toBe(OPENED);
    expect(begun).toHaveLength(1);
    expect(left(pid)).toEqual([]);
  });

  test('that comes before its head start is read is the only one', async () => {
    const pid = caller();
    leave(pid);
    // The folder is looked at in a later turn.
    expect(await request(pid).answer).toBe(OPENED);
    await sleep(100);
    expect(begun).toHaveLength(1);
    expect(left(pid)).toEqual([]);
  });

  test('stops it by stopping its own request, or by going away', async () => {
    const controller = new AbortController();
    outcome = () =>
      new Promise((_resolve, reject) => {
        const { signal } = begun[0]?.call ?? {};
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    const pid = caller();
    leave(pid);
    await until('it is begun', () => begun.length === 1);
    const { answer } = request(pid, ASKED, controller.signal);
    const stopped = new HotdeskError('cancelled', 'Stopped before it was done.');
    controller.abort(stopped);
    await expect(answer).rejects.toBe(stopped);
    expect(begun).toHaveLength(1);
  });

  test('that asks for something else has that, when the other is undone', async () => {
    const order: string[] = [];
    outcome = () =>
      new Promise((resolve, reject) => {
        const { call, params } = begun.at(-1) ?? {};
        if ((params as { ref: string }).ref === 'other') {
          order.push('other');
          resolve(OPENED);
        }
        call?.signal.addEventListener('abort', () =>
          setTimeout(() => {
            order.push('undone');
            reject(call.signal.reason);
          }, 30),
        );
      });
    const pid = caller();
    leave(pid);
    await until('it is begun', () => begun.length === 1);
    expect(await request(pid, { ...ASKED, ref: 'other' }).answer).toBe(OPENED);
    expect(order).toEqual(['undone', 'other']);
  });

  test('makes the request anew where a password was wanted, and nobody could be asked', async () => {
    outcome = async () => {
      if (begun.length > 1) return OPENED;
      throw new HotdeskError('auth-failed', 'Nobody to ask.');
    };
    const pid = caller();
    leave(pid);
    expect(await answerTo(pid)).toBe('!\n');
    expect(await request(pid).answer).toBe(OPENED);
    expect(begun).toHaveLength(2);
  });

  test('of another process has nothing of it', async () => {
    const pid = caller();
    leave(pid);
    await until('it is begun', () => begun.length === 1);
    for (const other of [undefined, process.pid]) expect(await request(other).answer).toBe(OPENED);
    expect(begun).toHaveLength(3);
  });
});

describe('the folder', () => {
  test('is empty when an agent starts, and gone when it ends', async () => {
    writeFileSync(join(folder, '99'), textOf(['attach', 'xterm']));
    headStarts.start();
    expect(readdirSync(folder)).toEqual(['agent']);
    outcome = () => new Promise(() => {});
    const pid = caller();
    leave(pid);
    await until('it is begun', () => begun.length === 1);
    headStarts.stop();
    expect(existsSync(folder)).toBe(false);
    expect(begun[0]?.call.signal.aborted).toBe(true);
  });

  test('that is another agent’s by then is left to it', () => {
    writeFileSync(join(folder, 'agent'), '1\n');
    headStarts.stop();
    expect(readFileSync(join(folder, 'agent'), 'utf8')).toBe('1\n');
  });

  test('may be removed, and made anew', async () => {
    rmSync(folder, { recursive: true });
    headStarts.start();
    const pid = caller();
    leave(pid);
    expect(await answerTo(pid)).toContain('is shown here');
  });

  test('that cannot be made is no reason to fail', () => {
    headStarts.stop();
    writeFileSync(folder, 'no folder');
    headStarts.start();
    expect(readFileSync(folder, 'utf8')).toBe('no folder');
  });
});
