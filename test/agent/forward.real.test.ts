import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { forward } from '../../src/agent/forward.ts';
import { HotdeskError } from '../../src/kernel/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'hotdesk-forward-'));
const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanup.splice(0)) clean();
});

function listen(path: string, onSocket: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, onSocket);
  cleanup.push(() => server.close());
  return new Promise((resolve) => server.listen(path, () => resolve(server)));
}

function dial(path: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', (cause) => reject(new HotdeskError('connection-refused', 'nobody', { cause })));
  });
}

function readAll(stream: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    stream.on('data', (c: Buffer) => chunks.push(c));
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    stream.on('error', reject);
  });
}

describe('forward', () => {
  it('leads what connects later elsewhere, leaves what is connected, and leads back', async () => {
    const say = (word: string) => (socket: Duplex) =>
      socket.on('data', (chunk: Buffer) => socket.write(`${word} ${chunk.toString()}`));
    for (const name of ['one', 'two']) await listen(join(folder, name), say(name));
    const held = await forward(join(folder, 'leads'), { open: () => dial(join(folder, 'one')), holdMs: 0 });
    cleanup.push(() => held.close());
    const ask = (stream: Duplex) =>
      new Promise<string>((resolve) => {
        stream.once('data', (chunk: Buffer) => resolve(chunk.toString()));
        stream.write('hears');
      });
    const before = await dial(held.path);
    expect(await ask(before)).toBe('one hears');
    held.lead(() => dial(join(folder, 'two')));
    expect(await ask(await dial(held.path))).toBe('two hears');
    expect(await ask(before)).toBe('one hears');
    held.lead(undefined);
    expect(await ask(await dial(held.path))).toBe('one hears');
  });

  it('carries bytes both ways, the end of one side after its last byte', async () => {
    const big = Buffer.alloc(3_000_000, 7);
    const [far, near] = [join(folder, 'far'), join(folder, 'near')];
    await listen(far, (socket) => {
      // Answers only after all was received: the half-close must come through.
      void readAll(socket).then((got) => socket.end(Buffer.concat([got, Buffer.from('!')])));
    });
    const held = await forward(near, { open: () => dial(far), holdMs: 0 });
    cleanup.push(() => held.close());
    const client = await dial(near);
    client.end(big);
    const answer = await readAll(client);
    expect(answer.length).toBe(big.length + 1);
  });

  it('holds a viewer that is quicker than its session', async () => {
    const [far, near] = [join(folder, 'late'), join(folder, 'early')];
    const held = await forward(near, { open: () => dial(far), holdMs: 5000 });
    cleanup.push(() => held.close());
    const client = await dial(near);
    client.end('hello');
    setTimeout(() => void listen(far, (socket) => socket.pipe(socket)), 300);
    expect((await readAll(client)).toString()).toBe('hello');
  });

  it('gives up at once where nothing is to be waited for, and leaves no socket behind', async () => {
    const near = join(folder, 'alone');
    const errors: unknown[] = [];
    const held = await forward(near, {
      open: () => dial(join(folder, 'nobody')),
      holdMs: 0,
      onError: (e) => errors.push(e),
    });
    const client = await dial(near);
    await readAll(client);
    expect(errors[0]).toMatchObject({ code: 'connection-refused' });
    held.close();
    await expect(dial(near)).rejects.toMatchObject({ code: 'connection-refused' });
    rmSync(folder, { recursive: true, force: true });
  });
});
