import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Bonjour } from 'bonjour-service';
import { expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const versionOf = (file: string) => (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;

it('uses the inside of these versions and of no others: look at responder.ts before raising them', () => {
  const entry = require.resolve('bonjour-service');
  expect(versionOf(entry.replace(/dist\/.*$/u, 'package.json'))).toBe('1.4.4');
  const inner = createRequire(entry).resolve('multicast-dns');
  expect(versionOf(inner.replace(/index\.js$/u, 'package.json'))).toBe('7.2.5');
});

it('finds that inside where it was', async () => {
  const socket = Object.assign(Object.create(null), {
    on() {},
    once() {},
    removeListener() {},
    bind() {},
    close: (done: () => void) => done(),
  });
  const bonjour = new Bonjour({ socket } as object) as unknown as {
    server: { mdns: import('node:events').EventEmitter & Record<string, unknown> };
    destroy(done: () => void): void;
  };
  const { mdns } = bonjour.server;
  // The one that answers queries, which ours takes the place of.
  expect(mdns.listenerCount('query')).toBe(1);
  expect(mdns.listenerCount('error')).toBe(0);
  expect(typeof mdns.respond).toBe('function');
  await new Promise<void>((resolve) => bonjour.destroy(resolve));
});
