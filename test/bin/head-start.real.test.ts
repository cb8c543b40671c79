/** bin/hotdesk.js as a shell runs it, before there is a Node: with a real agent's head starts, and what is begun the test's. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../../src/agent/api/server.ts';
import { HeadStarts, type Opens } from '../../src/agent/head-starts.ts';
import { sayTo } from '../../src/agent/say-to.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import { SEAT_VARIABLES } from '../../src/model/seat-of.ts';
import type { ActionResult } from '../../src/protocol/api.ts';
import { type HeadStart, readHeadStart, saidTo } from '../../src/protocol/head-start.ts';
import { HOST, sessionOf } from '../actions/fake-context.ts';
import { packaged } from '../contract/packaged.ts';
import { until } from '../rigs/until.ts';

const HOTDESK = fileURLToPath(new URL('../../bin/hotdesk.js', import.meta.url));
const SHELLS = ['dash', 'bash'].filter((shell) => isThere(shell));
const session = sessionOf();
const viewer = {
  ...{ id: 'v', ref: session.ref, hostKey: 'A', backend: 'xpra', localId: '100', seat: ':7' },
  ...{ since: 1, state: 'shown' as const },
};

let root: string;
let runtime: string;
let node: string;
let headStarts: HeadStarts;
let begun: object[] = [];
let calls: Call[] = [];
let closers: (() => void)[] = [];
let outcome: () => Promise<ActionResult>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hd-bin-'));
  runtime = join(root, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  // Says that Node was started, and with what.
  node = join(root, 'node');
  writeFileSync(
    node,
    '#!/bin/sh\nmine=no; [ "$HOTDESK_HEAD_START" = $$ ] && mine=yes\nprintf "node %s" "$mine"; shift; printf " <%s>" "$@"\n',
  );
  chmodSync(node, 0o755);
  begun = [];
  outcome = async () => ({ session, viewer });
  calls = [];
  const open = async (params: object, call: Call) => {
    begun.push(params);
    calls.push(call);
    return outcome();
  };
  headStarts = new HeadStarts({
    folder: join(runtime, 'early'),
    uid: process.getuid?.() ?? 0,
    log: silentLogger,
    around: {
      rows: () => ({ hosts: [HOST], sessions: [session], answerOf: new Map() }),
      profiles: () => [packaged('xpra')],
    },
    seats: { register: async () => {} },
    opens: { start: open, attach: open, move: open } as Opens,
  });
  headStarts.start();
});
afterEach(() => {
  for (const close of closers) close();
  closers = [];
  headStarts.stop();
  rmSync(root, { recursive: true });
});

function isThere(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      return readdirSync(folder).includes(program);
    } catch {
      return false;
    }
  });
}

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly shell?: string;
}

/** Its output and how long it took, in ms. */
function run(words: readonly string[], { env = {}, shell }: Given = {}) {
  const [program = '', ...args] = shell === undefined ? [HOTDESK] : [shell, HOTDESK];
  const began = performance.now();
  const all = {
    ...{ PATH: process.env.PATH, HOME: root, DISPLAY: ':7', HOTDESK_RUNTIME_DIR: runtime },
    ...{ HOTDESK_NODE: node, ...env },
  };
  return new Promise<{ stdout: string; stderr: string; code: number; ms: number }>((resolve) => {
    execFile(program, [...args, ...words], { env: all }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ stdout, stderr, code, ms: performance.now() - began });
    });
  });
}

/** An agent that goes along with nothing, and what it was handed last. */
async function listening(): Promise<() => HeadStart | undefined> {
  headStarts.stop();
  const folder = join(runtime, 'early');
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, 'agent'), `${process.pid}\n`);
  let seen: HeadStart | undefined;
  const watcher = watch(folder, (_event, name) => {
    if (!/^\d+$/u.test(name ?? '')) return;
    const file = join(folder, `${name}`);
    const read = existsSync(file) && readHeadStart(readFileSync(file));
    if (!read || read === 'incomplete') return;
    rmSync(file);
    seen = read;
    sayTo(saidTo(file), '!\n', AbortSignal.timeout(2000)).catch(() => {});
  });
  closers.push(() => watcher.close());
  return () => seen;
}

const SAID = 'xterm@alpha is shown here.\n';

describe('with an agent', () => {
  test.each(SHELLS)('%s prints what it says, and starts no Node', async (shell) => {
    expect(await run(['attach', 'xterm'], { shell })).toMatchObject({ stdout: SAID, stderr: '', code: 0 });
    expect(begun).toEqual([{ ref: 'xterm', mode: 'take', options: {}, seat: ':7' }]);
  });

  test('it is run by its own first line', async () => {
    expect((await run(['move', 'xterm'])).stdout).toBe(SAID);
    expect((await run(['start', 'alpha', '--', 'xterm'])).stdout).toBe(
      'xterm runs on alpha and is shown here (xpra:100@alpha).\n',
    );
  });

  test('what it does not go along with is left to Node at once', async () => {
    const { stdout, stderr } = await run(['attach', '--share', 'xterm']);
    expect({ stdout, stderr }).toEqual({ stdout: 'node yes <attach> <--share> <xterm>', stderr: '' });
    // The best of three, on whatever machine: it would be a second each time.
    const times = [];
    for (let i = 0; i < 3; i += 1) times.push((await run(['attach', '--share', 'xterm'])).ms);
    expect(Math.min(...times)).toBeLessThan(800);
    expect(begun).toEqual([]);
  });

  test('a failure too', async () => {
    outcome = () => Promise.reject(new HotdeskError('viewer-failed', 'No.'));
    expect((await run(['attach', 'xterm'])).stdout).toBe('node yes <attach> <xterm>');
  });

  test.each(SHELLS)('Ctrl-C ends it under %s, and undoes what was begun', async (shell) => {
    outcome = () => new Promise(() => {});
    const env = { PATH: process.env.PATH, DISPLAY: ':7', HOTDESK_RUNTIME_DIR: runtime, HOTDESK_NODE: node };
    const child = spawn(shell, [HOTDESK, 'attach', 'xterm'], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    await until('it is begun', () => calls.length === 1);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await once(child, 'close');
    expect([printed, child.signalCode]).toEqual(['', 'SIGINT']);
    await until('it is undone', () => calls[0]?.signal.aborted === true);
    await until('nothing is left', () => readdirSync(join(runtime, 'early')).length === 1);
  });

  test('what takes more than a second goes on with Node', async () => {
    outcome = () => new Promise(() => {});
    const { stdout, ms } = await run(['attach', 'xterm']);
    expect(stdout).toBe('node yes <attach> <xterm>');
    expect(ms).toBeGreaterThan(950);
    expect(begun).toHaveLength(1);
  });
});

describe('only Node, at once', () => {
  test.each([
    ['another command', ['list'], {}],
    ['nothing', [], {}],
    ['no display', ['attach', 'xterm'], { DISPLAY: '' }],
    ['a word of two lines', ['attach', 'xterm\nend'], {}],
    ['a variable of two lines', ['attach', 'xterm'], { XAUTHORITY: 'a\nb' }],
    ['no mkfifo', ['attach', 'xterm'], { PATH: '/nonexistent' }],
  ])('%s', async (_what, words, env) => {
    const { stdout, stderr } = await run(words, { shell: '/bin/sh', env });
    expect(stdout).toBe(`node no${words.map((word) => ` <${word}>`).join('') || ' <>'}`);
    expect(stderr).toBe('');
    expect(begun).toEqual([]);
  });

  test('an agent that is gone, or none', async () => {
    writeFileSync(join(runtime, 'early', 'agent'), '4194305\n');
    expect((await run(['attach', 'xterm'])).stdout).toBe('node no <attach> <xterm>');
    rmSync(join(runtime, 'early', 'agent'));
    expect(await run(['attach', 'xterm'])).toMatchObject({ stdout: 'node no <attach> <xterm>', stderr: '' });
    rmSync(runtime, { recursive: true });
    expect(await run(['attach', 'xterm'])).toMatchObject({ stdout: 'node no <attach> <xterm>', stderr: '' });
  });

  test('a folder that is a link', async () => {
    const link = join(root, 'link');
    symlinkSync(runtime, link);
    const env = { HOTDESK_RUNTIME_DIR: link };
    expect((await run(['attach', 'xterm'], { env })).stdout).toBe('node no <attach> <xterm>');
    const other = join(root, 'other');
    mkdirSync(other);
    symlinkSync(join(runtime, 'early'), join(other, 'early'));
    const second = { HOTDESK_RUNTIME_DIR: other };
    expect((await run(['attach', 'xterm'], { env: second })).stdout).toBe('node no <attach> <xterm>');
    expect(begun).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)('a folder of somebody else', async () => {
    for (const folder of [runtime, join(runtime, 'early')]) {
      execFileSync('chown', ['1', folder]);
      expect((await run(['attach', 'xterm'])).stdout).toBe('node no <attach> <xterm>');
      execFileSync('chown', ['0', folder]);
    }
    expect(begun).toEqual([]);
    expect((await run(['attach', 'xterm'])).stdout).toBe(SAID);
  });

  test('a number that an older one left in the environment is nobody’s', async () => {
    expect((await run(['list'], { env: { HOTDESK_HEAD_START: '1' } })).stdout).toBe('node no <list>');
  });
});

test('an agent that does not answer is waited for a second', async () => {
  headStarts.stop();
  mkdirSync(join(runtime, 'early'), { mode: 0o700 });
  writeFileSync(join(runtime, 'early', 'agent'), `${process.pid}\n`);
  const { stdout, ms } = await run(['attach', 'xterm']);
  expect(stdout).toBe('node yes <attach> <xterm>');
  expect(ms).toBeGreaterThan(950);
  expect(ms).toBeLessThan(3000);
});

test('in a terminal it says so', async () => {
  const line = `${HOTDESK} attach --share xterm`;
  const env = { PATH: process.env.PATH, DISPLAY: ':7', HOTDESK_RUNTIME_DIR: runtime, HOTDESK_NODE: node };
  const seen = await listening();
  await promisify(execFile)('script', ['-qec', line, '/dev/null'], { env, timeout: 10_000 });
  expect(seen()?.isTerminal).toBe(true);
});

test('every word and variable arrives as it is, and none is run', async () => {
  const text = fc
    .string({ unit: 'binary', maxLength: 12 })
    .map((raw) => raw.toWellFormed().replace(/[\n\0]/gu, ' '));
  const word = fc.oneof(
    text,
    fc.constantFrom('$(touch x)', '`id`', '-n', '%s%n', "'", '"', '\\', '\\c', '*', 'end', '--'),
  );
  const seen = await listening();
  for (const shell of SHELLS) {
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 5 }), word, word, async (words, lang, xauthority) => {
        const env = { LANG: lang, XAUTHORITY: xauthority };
        await run(['attach', ...words], { shell, env });
        const given = seen();
        expect(given?.words).toEqual(['attach', ...words]);
        const kept = Object.entries({ DISPLAY: ':7', ...env }).filter(([, value]) => value !== '');
        expect(given?.seat.env).toEqual(Object.fromEntries(kept));
      }),
      { numRuns: 15 },
    );
  }
  expect(SEAT_VARIABLES).toHaveLength(12);
});
