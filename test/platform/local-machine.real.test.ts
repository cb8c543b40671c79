import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostEnvironment, localMachine } from '../../src/platform/local-machine.ts';
import { until } from '../rigs/until.ts';

const machine = localMachine('here');

function alive(pid: number): boolean {
  try {
    return !/\) Z/u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('exit code, output of both kinds, and words as they are', async () => {
  const result = await machine.exec(['sh', '-c', 'printf %s "$1"; echo e >&2; exit 4', 'sh', "a 'b' $C"]);
  expect(result).toMatchObject({ code: 4, signal: undefined });
  expect(result.stdout.toString()).toBe("a 'b' $C");
  expect(result.stderr.toString()).toBe('e\n');
});

test('a signal, standard input, the environment', async () => {
  expect(await machine.exec(['sh', '-c', 'kill -TERM $$'])).toMatchObject({
    code: undefined,
    signal: 'TERM',
  });
  const result = await machine.exec(['sh', '-c', 'cat; echo "$V"'], { stdin: 'in ', env: { V: 'v' } });
  expect(result.stdout.toString()).toBe('in v\n');
  // A command that does not read is no fault.
  expect(await machine.exec(['true'], { stdin: 'x'.repeat(1_000_000) })).toMatchObject({ code: 0 });
});

test('a program that is not there answers as a shell would', async () => {
  expect(await machine.exec(['no-such-program'])).toMatchObject({ code: 127 });
  expect(await machine.exec(['/etc/passwd'])).toMatchObject({ code: 126 });
});

test('time-out and abort end the whole group', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hotdesk-local-'));
  const script = ['sh', '-c', 'sleep 300 & echo $! >"$1"; wait', 'sh', join(folder, 'pid')];
  const child = () => Number(readFileSync(join(folder, 'pid'), 'utf8'));
  await expect(machine.exec(script, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'timeout' });
  await until('the child is gone', () => !alive(child()));
  const controller = new AbortController();
  const running = machine.exec(script, { signal: controller.signal });
  setTimeout(() => controller.abort(), 300);
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  await until('the child is gone', () => !alive(child()));
  rmSync(folder, { recursive: true });
});

test('too much output is an error, not memory', async () => {
  await expect(machine.exec(['yes'], { maxBytes: 10_000 })).rejects.toMatchObject({ code: 'limit-exceeded' });
});

test('a socket is opened; one that nobody listens on is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hotdesk-local-'));
  const path = join(folder, 's');
  const server = createServer((socket) => socket.end('hello'));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const stream = await machine.open({ kind: 'unix', path });
  expect(() => stream.emit('error', new Error('reset'))).not.toThrow();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  expect(Buffer.concat(chunks).toString()).toBe('hello');
  await new Promise((resolve) => server.close(resolve));
  await expect(machine.open({ kind: 'unix', path })).rejects.toMatchObject({ code: 'connection-refused' });
  rmSync(folder, { recursive: true });
});

test('what belongs to the agent’s own desktop or terminal is not passed on', () => {
  const env = {
    PATH: '/bin',
    DISPLAY: ':0',
    TMUX: 'x',
    HOTDESK_A: '1',
    NODE_OPTIONS: 'x',
    SSH_AUTH_SOCK: '/s',
    EDITOR: 'vi',
  };
  expect(hostEnvironment(env)).toEqual({ PATH: '/bin', EDITOR: 'vi' });
});
