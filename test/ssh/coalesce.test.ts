import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { PassThrough, type Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { coalesce } from '../../src/ssh/coalesce.ts';

let server: Server;
let near: Socket;
let far: Socket;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  const taken = once(server, 'connection');
  await once(server, 'listening');
  near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(near, 'connect');
  [far] = (await taken) as [Socket];
});
afterEach(async () => {
  near.destroy();
  far.destroy();
  server.close();
  await once(server, 'close');
});

async function received(): Promise<string> {
  let text = '';
  for await (const chunk of far) text += String(chunk);
  return text;
}

it('puts the pieces of one turn into one write, and those of the next into another', async () => {
  const together = vi.spyOn(near as Writable & { _writev: Writable['_writev'] & {} }, '_writev');
  const alone = vi.spyOn(near, '_write');
  coalesce(near);
  for (const piece of ['a', 'b', 'c']) near.write(piece);
  await new Promise((resolve) => setImmediate(resolve));
  expect(together).toHaveBeenCalledTimes(1);
  expect(alone).not.toHaveBeenCalled();
  near.write('d');
  near.end('e');
  expect(await received()).toBe('abcde');
});

it('says when to wait, and when to go on', async () => {
  coalesce(near);
  const big = Buffer.alloc(8 * 1024 * 1024, 'x');
  expect(near.write(big)).toBe(false);
  const drained = once(near, 'drain');
  far.resume();
  await drained;
  expect(near.writableLength).toBe(0);
});

it('leaves other streams as they are', () => {
  const stream = new PassThrough();
  const { write } = stream;
  expect(coalesce(stream).write).toBe(write);
});
