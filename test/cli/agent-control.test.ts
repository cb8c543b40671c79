/** Ending an agent: which process is meant, and when it is gone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { statusRows, stopAgent } from '../../src/cli/agent-control.ts';
import type { Run } from '../../src/cli/shell.ts';
import { type ErrorCode, HotdeskError } from '../../src/kernel/errors.ts';

let root = '';
let proc = '';
const kill = vi.spyOn(process, 'kill');

beforeEach(() => {
  vi.useFakeTimers();
  kill.mockReset().mockReturnValue(true);
  root = mkdtempSync(join(tmpdir(), 'hd-control-'));
  proc = join(root, 'proc');
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true });
});

function process_(pid: number, words: readonly string[], state = 'S'): void {
  mkdirSync(join(proc, `${pid}`), { recursive: true });
  writeFileSync(join(proc, `${pid}/cmdline`), words.map((word) => `${word}\0`).join(''));
  writeFileSync(join(proc, `${pid}/stat`), `${pid} (no (d) e) ${state} 1 1`);
}
const gone = (pid: number) => rmSync(join(proc, `${pid}`), { recursive: true });
const AGENT = ['/usr/bin/node', '/usr/bin/hotdesk', 'agent', 'run'];

/** @param calls what the agent answers by method; an error code: what connecting fails with */
function runWith(calls: Record<string, () => unknown> | ErrorCode) {
  const stop = new AbortController();
  const asked: string[] = [];
  const starts: unknown[] = [];
  const run = {
    shell: { paths: { descriptor: join(root, 'agent.json') } },
    interrupt: { signal: stop.signal },
    connect: async (options: unknown) => {
      starts.push(options);
      if (typeof calls === 'string') throw new HotdeskError(calls, 'No.');
      return {
        call: async (method: string) => {
          asked.push(method);
          return calls[method]?.();
        },
        close: () => asked.push('close'),
      };
    },
  } as unknown as Run;
  return { run, asked, starts, stop };
}

const described = (about: unknown) =>
  writeFileSync(join(root, 'agent.json'), typeof about === 'string' ? about : JSON.stringify(about));

describe('an agent that understands', () => {
  const status = () => ({ pid: 4711 });

  it('is asked to end, and waited for until its process is gone', async () => {
    process_(4711, AGENT);
    const { run, asked, starts } = runWith({ status });
    let isDone = false;
    const stopping = stopAgent(run, proc).then((was) => {
      isDone = true;
      return was;
    });
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toEqual(['status', 'agent.stop', 'close']);
    expect(isDone).toBe(false);
    gone(4711);
    await vi.advanceTimersByTimeAsync(100);
    expect(await stopping).toBe(true);
    expect(kill).not.toHaveBeenCalled();
    expect(starts).toEqual([{ start: 'never' }]);
  });

  it('is gone when only its entry is left for who started it', async () => {
    process_(4711, AGENT, 'Z');
    expect(await stopAgent(runWith({ status }).run, proc)).toBe(true);
  });

  it('may hang up before it has answered, and no other failure is taken for that', async () => {
    const failing = (code: ErrorCode) => () => {
      throw new HotdeskError(code, 'No.');
    };
    const lost = runWith({ status, 'agent.stop': failing('connection-lost') });
    expect(await stopAgent(lost.run, proc)).toBe(true);
    const refused = runWith({ status, 'agent.stop': failing('internal') });
    await expect(stopAgent(refused.run, proc)).rejects.toMatchObject({ code: 'internal' });
  });

  it('that does not end is said to be there still, with the way out', async () => {
    process_(4711, AGENT);
    const failing = expect(stopAgent(runWith({ status }).run, proc)).rejects.toMatchObject({
      code: 'timeout',
      hint: expect.stringContaining('kill -9 4711'),
    });
    await vi.advanceTimersByTimeAsync(8100);
    await failing;
  });

  it('is waited for no longer than whoever asks', async () => {
    process_(4711, AGENT);
    const { run, stop } = runWith({ status });
    const failing = expect(stopAgent(run, proc)).rejects.toMatchObject({ code: 'cancelled' });
    await vi.advanceTimersByTimeAsync(200);
    stop.abort();
    await failing;
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('where there is none nothing is ended', async () => {
  described({ pid: 4711 });
  process_(4711, AGENT);
  expect(await stopAgent(runWith('agent-unavailable').run, proc)).toBe(false);
  expect(kill).not.toHaveBeenCalled();
});

describe('an agent of another version', () => {
  it('is ended by a signal', async () => {
    described({ version: '9', pid: 4711, argv: AGENT.slice(0, 2) });
    process_(4711, AGENT);
    kill.mockImplementation((pid) => {
      gone(pid);
      return true;
    });
    expect(await stopAgent(runWith('agent-version').run, proc)).toBe(true);
    expect(kill.mock.calls).toEqual([[4711, 'SIGTERM']]);
  });

  it.each([
    ['of which another process has the number', { pid: 4711 }, ['/usr/bin/ssh-agent', '-D']],
    ['whose number an agent of something else has', { pid: 4711 }, ['/opt/agent', 'agent', 'listen']],
    ['whose process is gone', { pid: 4712 }, AGENT],
    ['that does not say its number', { pid: '4711' }, AGENT],
    ['that names every process', { pid: -1 }, AGENT],
    ['that names init', { pid: 1 }, AGENT],
    ['whose descriptor was cut', '{"pid": 47', AGENT],
  ])('%s is told of, and nothing is signalled', async (_which, about, words) => {
    described(about);
    for (const pid of [1, 4711]) process_(pid, words);
    await expect(stopAgent(runWith('agent-version').run, proc)).rejects.toMatchObject({
      code: 'agent-version',
    });
    expect(kill).not.toHaveBeenCalled();
  });
});

describe('statusRows', () => {
  const status = {
    ...{ version: '1', pid: 7, hostId: 'h', host: 'alpha', uptime: 3700, socket: '/s', log: '/l' },
    ...{ advertising: 'off', discovery: 'mDNS', sessions: 2, viewers: 1, seats: [], problems: [] },
    rssBytes: 54.6 * 1_048_576,
  };

  it('counts in words, and says that there is no seat', () => {
    const rows = Object.fromEntries(statusRows(status));
    expect(rows).toMatchObject({ sessions: '2 here, 1 viewer open', seats: 'none', memory: '55 MB' });
    const more = Object.fromEntries(statusRows({ ...status, viewers: 2, seats: [':0', ':1'] }));
    expect(more).toMatchObject({ sessions: '2 here, 2 viewers open', seats: ':0, :1' });
  });
});
