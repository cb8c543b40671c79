/** What the key exchange of the pinned ssh2 has in use: it is not asked, and its next version may do otherwise. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { bundle } from '../../../scripts/lib/bundle.mjs';
import { BUNDLES } from '../../../scripts/lib/bundles.mjs';
import { makeKey } from '../../../src/ssh/new-key.ts';
import { ssh2 } from '../../../src/ssh/wire/ssh2.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Names of the classes that a client's packets go through, after its keys have been exchanged `rounds` times. */
async function inUse({ Client, Server }: typeof ssh2, cipher: string, rounds: number): Promise<string[]> {
  const { privateText } = await makeKey('host', '');
  const server = new Server({ hostKeys: [privateText] }, (peer) => {
    peer.on('error', () => {});
    peer.on('authentication', (attempt) => attempt.accept());
    peer.on('ready', () => {
      for (let round = 1; round < rounds; round += 1) peer.rekey();
    });
  });
  const listening = createServer((socket) => server.injectSocket(socket)).listen(0, '127.0.0.1');
  cleanups.push(() => listening.close());
  await once(listening, 'listening');
  const address = listening.address();
  const client = new Client();
  cleanups.push(() => client.destroy());
  let exchanged = 0;
  const done = new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('handshake', () => {
      exchanged += 1;
      if (exchanged === rounds) resolve();
    });
  });
  client.connect({
    host: '127.0.0.1',
    port: typeof address === 'object' && address ? address.port : 0,
    username: 'somebody',
    algorithms: { cipher: [cipher as 'aes128-gcm@openssh.com'] },
    hostVerifier: () => true,
  });
  await done;
  const { _cipher, _decipher } = (client as unknown as { _protocol: Record<'_cipher' | '_decipher', object> })
    ._protocol;
  return [_cipher.constructor.name, _decipher.constructor.name];
}

test.each([1, 2])('is ours after %d exchanges of keys', async (rounds) => {
  expect(await inUse(ssh2, 'aes128-gcm@openssh.com', rounds)).toEqual(['GcmCipher', 'GcmDecipher']);
  expect(await inUse(ssh2, 'aes256-gcm@openssh.com', rounds)).toEqual(['GcmCipher', 'GcmDecipher']);
});

test('is ours in the bundle that the agent loads', async () => {
  const row = BUNDLES.find(({ output }) => output === 'ssh2.cjs');
  if (!row) throw new Error('no bundle of ssh2');
  const folder = mkdtempSync(path.join(ROOT, 'node_modules', '.ssh2-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  await bundle(ROOT, row, folder);
  const built = createRequire(import.meta.url)(path.join(folder, row.output)) as { ssh2: typeof ssh2 };
  expect(built.ssh2.Client).not.toBe(ssh2.Client);
  expect(await inUse(built.ssh2, 'aes128-gcm@openssh.com', 1)).toEqual(['GcmCipher', 'GcmDecipher']);
});
