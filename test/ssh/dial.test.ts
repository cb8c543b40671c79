import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { dial, interleave, resolveName, textOf } from '../../src/ssh/dial.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.resume());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address ? address.port : 0 };
}

const v4 = (address: string) => ({ address, family: 4 }) as const;
const v6 = (address: string) => ({ address, family: 6 }) as const;

test('families take turns, that of the first address leads', () => {
  expect(interleave([v6('a'), v6('b'), v4('c'), v6('d'), v4('e')]).map((a) => a.address)).toEqual([
    'a',
    'c',
    'b',
    'e',
    'd',
  ]);
  expect(interleave([])).toEqual([]);
});

test('a link-local address keeps its interface', () => {
  expect(textOf({ address: 'fe80::1', family: 6, scope: 'eth0' })).toBe('fe80::1%eth0');
  expect(textOf({ address: '10.0.0.1', family: 4, scope: 'eth0' })).toBe('10.0.0.1');
});

test('addresses stand for themselves', async () => {
  expect(await resolveName('fe80::1%eth0', 'any')).toEqual([
    { address: 'fe80::1', family: 6, scope: 'eth0' },
  ]);
  expect(await resolveName('10.0.0.1', 'any')).toEqual([v4('10.0.0.1')]);
});

test('the one that answers wins, and the losers are closed', async () => {
  const { server, port } = await listen();
  const { socket, address } = await dial('x', [v4('192.0.2.1'), v6('::1'), v4('127.0.0.1')], port, 5000);
  expect(address.address).toBe('127.0.0.1');
  socket.destroy();
  server.close();
});

test('one that is reset before anybody reads from it ends by itself', async () => {
  const { server, port } = await listen();
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const { socket } = await dial('x', [v4('127.0.0.1')], port, 5000);
  socket.resume();
  (await accepted).resetAndDestroy();
  await new Promise((resolve) => socket.once('close', resolve));
  expect(socket.errored).toMatchObject({ code: 'ECONNRESET' });
});

test('refused by all', async () => {
  const { server, port } = await listen();
  server.close();
  await expect(dial('x', [v4('127.0.0.1'), v4('127.0.0.2')], port, 5000)).rejects.toMatchObject({
    code: 'connection-refused',
  });
  await expect(dial('x', [], port, 5000)).rejects.toMatchObject({ code: 'host-unreachable' });
});

test('an abort ends it at once', async () => {
  const controller = new AbortController();
  controller.abort();
  await expect(dial('x', [v4('192.0.2.1')], 22, 5000, controller.signal)).rejects.toMatchObject({
    code: 'cancelled',
  });
});
