import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SshConnection } from '../../src/ssh/connection.ts';
import { createPool, type Pool } from '../../src/ssh/ssh.ts';
import { descendants, type Sshd, startSshd, until } from '../rigs/sshd/sshd.ts';

let sshd: Sshd;
let pool: Pool;
let connection: SshConnection;
let echo: Server;
let socketPath: string;

beforeAll(async () => {
  sshd = await startSshd();
  pool = createPool(sshd.environment);
  connection = await pool.connect({ name: sshd.host, port: sshd.port });
  socketPath = join(sshd.dir, 'echo.sock');
  echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(socketPath, resolve));
});

afterAll(async () => {
  await pool.close();
  echo.close();
  await sshd.stop();
});

describe('exec', () => {
  test('gives stdout, stderr and the exit code', async () => {
    const result = await connection.exec(['sh', '-c', 'echo out; echo err >&2; exit 3']);
    expect(result).toMatchObject({ code: 3, signal: undefined });
    expect(result.stdout.toString()).toBe('out\n');
    expect(result.stderr.toString()).toBe('err\n');
  });

  test('passes every argument and variable as it is', async () => {
    const words = [
      '',
      ' ',
      "it's",
      '"',
      '$(id)',
      '`id`',
      '\\',
      '!x',
      'a\nb',
      '🦊',
      '*',
      '~',
      '-n',
      ';',
      '\t',
    ];
    const script = 'import os,sys,json; print(json.dumps([sys.argv[1:], os.environ["HD_X"]]))';
    const result = await connection.exec(['python3', '-c', script, ...words], { env: { HD_X: "a'b\n$x !" } });
    expect(JSON.parse(result.stdout.toString())).toEqual([words, "a'b\n$x !"]);
  });

  test('feeds standard input and keeps binary output whole', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256));
    const result = await connection.exec(['cat'], { stdin: bytes });
    expect(result.stdout.equals(bytes)).toBe(true);
  });

  test('tells a signal from an exit code', async () => {
    const result = await connection.exec(['sh', '-c', 'kill -TERM $$; sleep 5']);
    expect(result).toMatchObject({ code: undefined, signal: 'TERM' });
  });

  test('answers 127 for a command that is not there', async () => {
    const result = await connection.exec(['hd-no-such-command']);
    expect(result.code).toBe(127);
  });

  test('ends a command that takes too long, writes too much, or is not wanted any more', async () => {
    const pidFile = join(sshd.dir, 'pid');
    const run = ['sh', '-c', 'echo $$ > "$0"; exec sleep 60', pidFile];
    const gone = () => {
      const pid = Number(readFileSync(pidFile, 'utf8'));
      return pid > 0 && !existsSync(`/proc/${pid}`);
    };
    await expect(connection.exec(run, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'timeout' });
    await until(gone, 'the command has ended after the time limit');

    writeFileSync(pidFile, '0');
    const controller = new AbortController();
    const running = connection.exec(run, { signal: controller.signal });
    running.catch(() => {});
    await until(() => Number(readFileSync(pidFile, 'utf8')) > 0, 'the command runs');
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await until(gone, 'the command has ended after the abort');

    await expect(connection.exec(['yes'], { maxBytes: 10_000 })).rejects.toMatchObject({
      code: 'limit-exceeded',
    });
    await until(() => !descendants(sshd.pid).some((pid) => commandOf(pid) === 'yes'), '`yes` has ended');
  });

  test('does not wait for a daemon that holds the output open', async () => {
    const started = Date.now();
    const result = await connection.exec(['sh', '-c', 'sleep 30 & echo done']);
    expect(result.stdout.toString()).toBe('done\n');
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  test('refuses what cannot be an argument', async () => {
    await expect(connection.exec(['a\0b'])).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(connection.exec([])).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(connection.exec(['true'], { env: { 'a b': '' } })).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });
});

describe('open', () => {
  test('reaches a unix socket, half-close included', async () => {
    const stream = await connection.open({ kind: 'unix', path: socketPath });
    stream.end('hello');
    expect(await text(stream)).toBe('hello');
  });

  test('reaches a port', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    const stream = await connection.open({ kind: 'tcp', host: '127.0.0.1', port });
    stream.end('hello');
    expect(await text(stream)).toBe('hello');
    server.close();
  });

  test('says when nobody answers', async () => {
    const missing = { kind: 'unix', path: join(sshd.dir, 'none.sock') } as const;
    await expect(connection.open(missing)).rejects.toMatchObject({ code: 'connection-refused' });
    await expect(connection.open({ kind: 'tcp', host: '127.0.0.1', port: 1 })).rejects.toMatchObject({
      code: 'connection-refused',
    });
  });
});

describe('pty', () => {
  test('is a terminal of the size asked for, and follows a resize', async () => {
    const script = 'stty size; read x; stty size; exit 4';
    const terminal = await connection.pty(['sh', '-c', script], {
      columns: 91,
      rows: 33,
      term: 'xterm-256color',
    });
    let seen = '';
    terminal.stream.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await until(() => seen.includes('33 91'), 'the first size');
    expect(seen.startsWith('33 91')).toBe(true);
    terminal.resize({ columns: 70, rows: 20 });
    terminal.stream.write('\r');
    await until(() => seen.includes('20 70'), 'the second size');
    expect(await terminal.exited).toEqual({ code: 4, signal: undefined });
  });
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
