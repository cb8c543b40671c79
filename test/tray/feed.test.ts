import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { encodeLine, LineDecoder } from '../../src/kernel/json-lines.ts';
import { AgentFeed } from '../../src/tray/feed.ts';
import { EMPTY, HELLO, temporaryPaths } from '../client/fake-agent.ts';
import { until } from '../rigs/until.ts';

let place: ReturnType<typeof temporaryPaths>;
let server: Server | undefined;
let feed: AgentFeed | undefined;
let log: string[];
let sockets: Set<import('node:net').Socket>;

beforeEach(() => {
  place = temporaryPaths();
  log = [];
  sockets = new Set();
});
afterEach(async () => {
  feed?.end();
  await stopAgent();
  place.remove();
});

/** An agent that can end and come back at the same place. */
async function startAgent(): Promise<void> {
  const made = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write(encodeLine(HELLO));
    const decoder = new LineDecoder(100_000);
    socket.on('data', (chunk: Buffer) => {
      for (const value of decoder.push(chunk)) {
        const { id, method, params } = value as { id?: number; method?: string; params?: unknown };
        if (method !== undefined) log.push(`${method} ${JSON.stringify(params)}`);
        if (method === 'subscribe') socket.write(encodeLine({ id, result: EMPTY }));
        else if (method !== undefined) socket.write(encodeLine({ id, result: {} }));
      }
    });
  });
  await new Promise<void>((resolve) => made.listen(place.paths.socket, resolve));
  server = made;
}

async function stopAgent(): Promise<void> {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
  rmSync(place.paths.socket, { force: true });
}

function follow(): AgentFeed {
  feed = new AgentFeed({
    clock: systemClock,
    connect: { paths: place.paths, uid: process.getuid?.() ?? 0, env: {} },
    events: {
      onConnected: async (client) => {
        await client.call('seat.register', { id: ':0', kind: 'x11', env: {} });
        log.push('connected');
      },
      onSnapshot: (snapshot) => log.push(`snapshot ${snapshot.self}`),
      onLost: (error) => log.push(`lost ${error.code}`),
    },
  });
  return feed;
}

it('asks what must be known before the first snapshot, and for no more rows than a menu has', async () => {
  await startAgent();
  await follow().start();
  expect(log.slice(1)).toEqual([
    'connected',
    'subscribe {"atMost":{"hosts":40,"sessions":40}}',
    'snapshot h',
  ]);
});

it('comes back with the agent, whoever starts it, as soon as it is there', async () => {
  await startAgent();
  const follows = follow();
  await follows.start();
  for (const round of [1, 2]) {
    await stopAgent();
    await until('it is lost', () => log.filter((line) => line.startsWith('lost')).length === round);
    expect(() => follows.client).toThrow(expect.objectContaining({ code: 'agent-unavailable' }));
    await startAgent();
    await until('it is back', () => log.filter((line) => line === 'snapshot h').length === round + 1, 20_000);
  }
});

it('waits for an agent that is not there', async () => {
  await follow().start();
  expect(log).toEqual(['lost agent-unavailable']);
  await startAgent();
  await until('it is there', () => log.includes('snapshot h'), 20_000);
});
