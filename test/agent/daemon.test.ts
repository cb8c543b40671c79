/** The life of an agent whose parts do nothing: when what is there, and what it leaves. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Handlers } from '../../src/agent/api/server.ts';
import { Daemon, type Living } from '../../src/agent/daemon.ts';
import { answers } from '../../src/agent/socket.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import { type Paths, pathsOf } from '../../src/protocol/paths.ts';
import { until } from '../rigs/until.ts';

let root = '';
let paths: Paths;
const uid = process.getuid?.() ?? 0;
const running = new Set<Daemon>();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  root = mkdtempSync(join(tmpdir(), 'hd-daemon-'));
  paths = pathsOf({ HOME: root, HOTDESK_RUNTIME_DIR: join(root, 'run') }, uid);
});
afterEach(async () => {
  vi.useRealTimers();
  for (const daemon of running) await daemon.stop();
  running.clear();
  rmSync(root, { recursive: true });
});

/** @param part what of the parts is not as it is elsewhere */
function agent(part: Partial<Living> = {}) {
  const log: string[] = [];
  let onStop = () => {};
  const daemon = new Daemon({ paths, uid, env: {} }, (_identity, _log, stop) => {
    log.push('made');
    onStop = stop;
    const step = (name: string) => async () => void log.push(name);
    const parts = { start: step('start'), stop: step('stop'), ...part };
    return {
      log: silentLogger,
      prepare: async () => {
        log.push('prepare');
        return (await part.prepare?.()) ?? ({} as Handlers);
      },
      start: () => parts.start(),
      remade: () => void log.push('remade'),
      stop: () => parts.stop(),
    };
  });
  running.add(daemon);
  return { daemon, log, endByApi: () => onStop() };
}

const pidIn = (descriptor: string) => JSON.parse(readFileSync(descriptor, 'utf8')).pid as unknown;

/** The first line that it says to who connects. */
function greeting(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(paths.socket);
    socket.once('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(String(data));
    });
  });
}

describe('the start', () => {
  it('prepares before anything goes out, and says which process it is', async () => {
    const { daemon, log } = agent();
    await daemon.start();
    expect(log).toEqual(['made', 'prepare', 'start']);
    expect(pidIn(paths.descriptor)).toBe(process.pid);
    expect(statSync(paths.descriptor).mode & 0o777).toBe(0o600);
    expect(await greeting()).toContain('"role":"agent"');
  });

  it('of a second agent ends before it has made anything, and leaves the first alone', async () => {
    await agent().daemon.start();
    const second = agent();
    await expect(second.daemon.start()).rejects.toMatchObject({ code: 'agent-busy' });
    expect(second.log).toEqual([]);
    expect(await answers(paths.socket)).toBe(true);
  });

  it('is refused in a folder that leads elsewhere', async () => {
    symlinkSync(root, paths.runtimeDir);
    const { daemon, log } = agent();
    await expect(daemon.start()).rejects.toMatchObject({ code: 'unsafe-file' });
    expect(log).toEqual([]);
    expect(existsSync(join(root, 'agent.sock'))).toBe(false);
  });
});

describe('the end', () => {
  it('is goodbye first, then the socket; then whoever waits for it is told', async () => {
    let there: boolean | undefined;
    const { daemon } = agent({
      stop: async () => {
        there = existsSync(paths.socket);
      },
    });
    await daemon.start();
    await daemon.stop();
    await daemon.stopped;
    expect(there).toBe(true);
    expect([existsSync(paths.socket), existsSync(paths.descriptor)]).toEqual([false, false]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('comes by the API too, and once', async () => {
    const { daemon, log, endByApi } = agent();
    await daemon.start();
    endByApi();
    endByApi();
    await daemon.stopped;
    expect(log.filter((line) => line === 'stop')).toHaveLength(1);
  });

  it('waits five seconds for goodbyes that hang', async () => {
    const { daemon } = agent({ stop: () => new Promise(() => {}) });
    await daemon.start();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stopping = daemon.stop();
    await vi.advanceTimersByTimeAsync(4900);
    expect(existsSync(paths.socket)).toBe(true);
    await vi.advanceTimersByTimeAsync(200);
    await stopping;
    expect(existsSync(paths.socket)).toBe(false);
  });

  it('before there is anything to end begins nothing', async () => {
    const { daemon, log } = agent();
    const starting = daemon.start();
    await daemon.stop();
    await starting;
    await daemon.stopped;
    expect(log).toEqual(['made', 'stop']);
    expect([existsSync(paths.socket), existsSync(paths.descriptor)]).toEqual([false, false]);
  });

  it('while it prepares ends what that has begun, and starts nothing', async () => {
    let go: (handlers: Handlers) => void = () => {};
    const { daemon, log } = agent({
      prepare: () =>
        new Promise((resolve) => {
          go = resolve;
        }),
    });
    const starting = daemon.start();
    await until('it prepares', () => log.includes('prepare'));
    await daemon.stop();
    go({} as Handlers);
    await starting;
    expect(log).toEqual(['made', 'prepare', 'stop', 'stop']);
    expect([existsSync(paths.socket), existsSync(paths.descriptor)]).toEqual([false, false]);
  });
});

describe('every 15 seconds', () => {
  it('a socket that was removed with its folder is made anew, and all that belongs there', async () => {
    const { daemon, log } = agent();
    await daemon.start();
    vi.advanceTimersByTime(15_000);
    rmSync(paths.runtimeDir, { recursive: true });
    vi.advanceTimersByTime(15_000);
    await until('it can be reached', () => existsSync(paths.viewerDir));
    expect(await greeting()).toContain('"role":"agent"');
    expect(statSync(paths.runtimeDir).mode & 0o777).toBe(0o700);
    expect(statSync(paths.viewerDir).mode & 0o777).toBe(0o700);
    expect(pidIn(paths.descriptor)).toBe(process.pid);
    expect(log.filter((entry) => entry === 'remade')).toHaveLength(1);
    // Its own now: it is not made again.
    const made = statSync(paths.socket).ino;
    vi.advanceTimersByTime(60_000);
    expect(statSync(paths.socket).ino).toBe(made);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('one that another agent has ends this one, and is left to that', async () => {
    const first = agent();
    await first.daemon.start();
    rmSync(paths.socket);
    const second = agent();
    await second.daemon.start();
    vi.advanceTimersByTime(15_000);
    await first.daemon.stopped;
    expect(first.log.at(-1)).toBe('stop');
    expect(second.log).not.toContain('stop');
    expect(await answers(paths.socket)).toBe(true);
    expect(existsSync(paths.descriptor)).toBe(true);
    await second.daemon.stop();
    expect(existsSync(paths.socket)).toBe(false);
  });

  it('it ends where it cannot listen', async () => {
    const { daemon } = agent();
    await daemon.start();
    rmSync(paths.runtimeDir, { recursive: true });
    symlinkSync(root, paths.runtimeDir);
    vi.advanceTimersByTime(15_000);
    await daemon.stopped;
    expect(existsSync(paths.socket)).toBe(false);
    rmSync(paths.runtimeDir);
  });
});
