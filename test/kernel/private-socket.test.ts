import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listenPrivately } from '../../src/kernel/private-socket.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-socket-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is for its user alone as soon as it is there, and leaves the umask as it was', async () => {
  const path = join(folder, 's');
  const umask = process.umask();
  const listening = listenPrivately(createServer(), path);
  expect(process.umask()).toBe(umask);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const server = await listening;
  expect(server.listening).toBe(true);
  server.close();
});

it('fails where somebody listens already', async () => {
  const path = join(folder, 's');
  const server = await listenPrivately(createServer(), path);
  await expect(listenPrivately(createServer(), path)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  server.close();
});
