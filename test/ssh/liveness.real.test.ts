import { randomBytes } from 'node:crypto';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPool, type Pool } from '../../src/ssh/ssh.ts';
import { type Sshd, signalAll, startSshd, until } from '../rigs/sshd/sshd.ts';

let sshd: Sshd;
let pool: Pool;

beforeEach(async () => {
  sshd = await startSshd();
  pool = createPool({ ...sshd.environment, idleMs: 500 });
});

afterEach(async () => {
  await pool.close();
  await sshd.stop();
});

const connect = () => pool.connect({ name: sshd.host, port: sshd.port });

test('a peer that went silent is noticed within 10 s, and what ran over it fails', async () => {
  const connection = await connect();
  const running = connection.exec(['sleep', '60']);
  running.catch(() => {});
  await until(() => sshd.children().length > 1, 'the command runs');
  const frozen = sshd.children();
  const since = Date.now();
  signalAll(frozen, 'SIGSTOP');
  try {
    expect(await connection.closed).toMatchObject({ code: 'connection-lost' });
    expect(Date.now() - since).toBeLessThan(10_000);
    await expect(running).rejects.toMatchObject({ code: 'connection-lost' });
    expect(pool.connections()).toEqual([]);
  } finally {
    signalAll(frozen, 'SIGCONT');
  }
});

test('a quiet connection stays, and a killed one is noticed and made anew', async () => {
  const connection = await connect();
  const release = connection.lease();
  await new Promise((resolve) => setTimeout(resolve, 9500));
  expect(connection.isOpen).toBe(true);
  signalAll(sshd.children(), 'SIGKILL');
  expect(await connection.closed).toMatchObject({ code: 'connection-lost' });
  await expect(connection.exec(['true'])).rejects.toMatchObject({ code: 'connection-lost' });
  release();
  const next = await connect();
  expect(next).not.toBe(connection);
  expect((await next.exec(['echo', 'back'])).stdout.toString()).toBe('back\n');
});

test('an idle connection is closed; one in use or leased is not', async () => {
  const connection = await connect();
  await connection.exec(['sleep', '1.2']);
  expect(connection.isOpen).toBe(true);
  const release = connection.lease();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(connection.isOpen).toBe(true);
  release();
  expect(await connection.closed).toBeUndefined();
  await until(() => sshd.children().length === 0, 'sshd has let go');
});

test('callers share one connection; one that gives up does not end it for the rest', async () => {
  const controller = new AbortController();
  const first = pool.connect({ name: sshd.host, port: sshd.port }, { signal: controller.signal });
  first.catch(() => {});
  const others = [connect(), connect()];
  controller.abort();
  await expect(first).rejects.toMatchObject({ code: 'cancelled' });
  const [a, b] = await Promise.all(others);
  expect(a).toBe(b);
  expect(pool.connections()).toEqual([a]);
  expect(sshd.log().match(/Accepted publickey/gu)).toHaveLength(1);
});

test('a slow reader holds the sender back', async () => {
  const connection = await connect();
  const path = join(sshd.dir, 'flood.sock');
  let sent = 0;
  const chunk = Buffer.alloc(65_536);
  const server = createServer((socket) => {
    const pump = () => {
      while (sent < 200_000_000) {
        sent += chunk.length;
        if (!socket.write(chunk)) return socket.once('drain', pump);
      }
      return socket.end();
    };
    socket.on('error', () => {});
    pump();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const stream = await connection.open({ kind: 'unix', path });
  let last = -1;
  await until(async () => {
    const steady = sent > 0 && sent === last;
    last = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return steady;
  }, 'the sender stops');
  // Two windows of 2 MiB, the sockets' and sshd's buffers.
  expect(sent).toBeLessThan(20_000_000);
  let received = 0;
  stream.on('data', (data: Buffer) => {
    received += data.length;
  });
  await new Promise((resolve) => stream.once('end', resolve));
  expect(received).toBe(sent);
  stream.end();
  server.close();
});

test('a stream that is given up unread is closed at both ends and counts as open no more', async () => {
  const connection = await connect();
  const path = join(sshd.dir, 'chatty.sock');
  let open = 0;
  const server = createServer((socket) => {
    open += 1;
    socket
      .on('error', () => {})
      .on('close', () => {
        open -= 1;
      });
    socket.write(Buffer.alloc(3_000_000));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const stream = await connection.open({ kind: 'unix', path });
  await until(() => open === 1 && stream.readableLength > 0, 'data is there');
  expect(connection.inUse).toBe(true);
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stream.destroy();
  await closed;
  await until(() => open === 0, 'the far side is closed');
  expect(connection.inUse).toBe(false);
  server.close();
});

test('when the connection goes, so do its streams and terminals', async () => {
  const connection = await connect();
  const path = join(sshd.dir, 'quiet.sock');
  const server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const stream = await connection.open({ kind: 'unix', path });
  const terminal = await connection.pty(['sleep', '60'], { columns: 80, rows: 24, term: 'xterm' });
  const closed = [stream, terminal.stream].map(
    (each) => new Promise((resolve) => each.resume().once('close', resolve)),
  );
  signalAll(sshd.children(), 'SIGKILL');
  await Promise.all(closed);
  expect(await terminal.exited).toEqual({ code: undefined, signal: undefined });
  server.close();
});

test('new session keys in mid-stream (RekeyLimit) lose nothing', async () => {
  const often = await startSshd({ config: ['RekeyLimit 1M'] });
  const rekeyed = createPool(often.environment);
  try {
    const connection = await rekeyed.connect({ name: often.host, port: often.port });
    const path = join(often.dir, 'echo.sock');
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const sent = randomBytes(8_000_000);
    const stream = await connection.open({ kind: 'unix', path });
    stream.end(sent);
    expect((await buffer(stream)).equals(sent)).toBe(true);
    expect((await connection.exec(['echo', 'still here'])).stdout.toString()).toBe('still here\n');
    server.close();
  } finally {
    await rekeyed.close();
    await often.stop();
  }
});

test('a slow link that is full is not taken for a dead one', { timeout: 60_000 }, async () => {
  // 100 kB/s each way: what is under way fills more than the 8 s after which silence means dead.
  const link = await slowLink(sshd.port, 100_000);
  sshd.know([`[${sshd.host}]:${link.port} ${sshd.hostKey('ed25519')}`]);
  const connection = await pool.connect({ name: sshd.host, port: link.port });
  const size = 1_500_000;
  const result = await connection.exec(['wc', '-c'], { stdin: Buffer.alloc(size), timeoutMs: 50_000 });
  expect(Number(result.stdout.toString())).toBe(size);
  connection.close();
  await connection.closed;
  link.close();
});

/** A proxy that passes on so many bytes a second. */
async function slowLink(to: number, bytesPerSecond: number) {
  const pass = async (from: Socket, into: Socket) => {
    for await (const chunk of from) {
      into.write(chunk);
      await new Promise((resolve) => setTimeout(resolve, (chunk.length / bytesPerSecond) * 1000));
    }
    into.end();
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connectSocket({ port: to, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [near, far]) socket.on('error', () => {});
    pass(near, far).catch(() => far.destroy());
    pass(far, near).catch(() => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, close: () => server.close() };
}

test('a connection that is being closed takes nothing more, and the next is made', async () => {
  const connection = await connect();
  await connection.exec(['true']);
  connection.close();
  expect(connection.isOpen).toBe(false);
  await expect(connection.exec(['true'])).rejects.toMatchObject({ code: 'connection-lost' });
  const next = await connect();
  expect(next).not.toBe(connection);
  expect((await next.exec(['echo', 'on'])).stdout.toString()).toBe('on\n');
});
