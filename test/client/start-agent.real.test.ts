import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/client.ts';
import { startAgent } from '../../src/client/start-agent.ts';
import { until } from '../rigs/until.ts';
import { HELLO, temporaryPaths } from './fake-agent.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

const uid = process.getuid?.() ?? 0;

/** A program that behaves like an agent as far as starting goes. */
function program(body: string): {
  argv: string[];
  paths: ReturnType<typeof temporaryPaths>['paths'];
  folder: string;
} {
  const { paths, folder, remove } = temporaryPaths();
  cleanups.push(remove);
  const file = join(folder, 'agent.cjs');
  const lines = [
    `const socket = ${JSON.stringify(paths.socket)}, folder = ${JSON.stringify(folder)};`,
    `const hello = ${JSON.stringify(`${JSON.stringify(HELLO)}\n`)};`,
    `const net = require('node:net'), fs = require('node:fs');`,
    `fs.appendFileSync(folder + '/pids', process.pid + '\\n');`,
    body,
  ];
  writeFileSync(file, lines.join('\n'));
  cleanups.push(() => {
    for (const pid of pidsOf(folder)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  return { argv: [process.execPath, file], paths, folder };
}

function pidsOf(folder: string): number[] {
  const file = join(folder, 'pids');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const SERVE = `
  fs.writeFileSync(folder + '/env', JSON.stringify({ env: process.env, cwd: process.cwd() }));
  const server = net.createServer((s) => { s.on('error', () => {}); s.write(hello); });
  server.on('error', () => process.exit(7));
  server.listen(socket);`;

describe('starting an agent on demand', () => {
  it('starts it in a session of its own, at /, without the caller’s display', async () => {
    const { argv, paths, folder } = program(SERVE);
    const started: number[] = [];
    const client = await connect({
      paths,
      uid,
      program: argv,
      start: 'on-demand',
      env: { ...process.env, DISPLAY: ':99', HOTDESK_TEST: 'kept' },
      onStart: (pid) => started.push(pid),
    });
    client.close();
    expect(started).toEqual(pidsOf(folder));
    const { env, cwd } = JSON.parse(readFileSync(join(folder, 'env'), 'utf8'));
    expect(cwd).toBe('/');
    expect(env).toMatchObject({ HOTDESK_TEST: 'kept' });
    expect(env).not.toHaveProperty('DISPLAY');
    // proc_pid_stat(5): the sixth field is the session, which is the process's own.
    const stat = readFileSync(`/proc/${started[0]}/stat`, 'utf8')
      .replace(/^.*\) /su, '')
      .split(' ');
    expect(Number(stat[3])).toBe(started[0]);
  });

  it('brings two callers at once to the one agent that lives', async () => {
    const { argv, paths, folder } = program(SERVE);
    const start = { paths, uid, program: argv, start: 'on-demand', env: process.env } as const;
    const clients = await Promise.all([connect(start), connect(start)]);
    for (const client of clients) client.close();
    const alive = await until('one is left', () => {
      const pids = pidsOf(folder).filter(isAlive);
      return pids.length === 1 && pids;
    });
    expect(alive).toHaveLength(1);
  });

  it('waits for an agent that hangs up until it is ready', async () => {
    const { argv, paths } = program(`
      let isReady = false;
      setTimeout(() => { isReady = true; }, 400);
      net.createServer((s) => { s.on('error', () => {}); isReady ? s.write(hello) : s.destroy(); }).listen(socket);`);
    const client = await connect({ paths, uid, program: argv, start: 'on-demand', env: process.env });
    expect(client.agent.host).toBe('here');
    client.close();
  });

  it('shows the last lines of the log of one that fails', async () => {
    const { argv, paths } = program(`console.error('no room\\x1b[2J on this machine'); process.exit(3);`);
    const failing = startAgent({ paths, uid, program: argv, env: process.env });
    await expect(failing).rejects.toMatchObject({ code: 'agent-unavailable' });
    await expect(startAgent({ paths, uid, program: argv, env: process.env })).rejects.toThrow(
      /code 3\)\.\n.*no room \[2J on this machine/su,
    );
  });

  it('gives up on one that never listens, and on a program that is not there', async () => {
    const { argv, paths } = program(`setTimeout(() => {}, 60_000);`);
    const silent = startAgent({ paths, uid, program: argv, env: process.env, timeoutMs: 300 });
    await expect(silent).rejects.toMatchObject({ code: 'agent-unavailable' });
    const missing = startAgent({ paths, uid, program: ['/nonexistent/node'], env: process.env });
    await expect(missing).rejects.toThrow(/ENOENT/u);
  });

  it('is stopped by the caller’s signal', async () => {
    const { argv, paths } = program(`setTimeout(() => {}, 60_000);`);
    const signal = AbortSignal.timeout(200);
    const stopped = startAgent({ paths, uid, program: argv, env: process.env, signal });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  });
});
