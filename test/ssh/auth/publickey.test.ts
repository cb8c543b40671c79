/** Hardware keys, by an ssh-agent that this test plays: there is no such key here. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Asker, type AskerOptions } from '../../../src/ssh/auth/asker.ts';
import { sshString } from '../../../src/ssh/auth/blob.ts';
import { UnlockedKeys } from '../../../src/ssh/auth/key-file.ts';
import { publicKeyProvider } from '../../../src/ssh/auth/publickey.ts';
import { resolvedFrom } from '../../../src/ssh/ssh-config.ts';

const hardware = Buffer.concat([
  sshString('sk-ssh-ed25519@openssh.com'),
  sshString(Buffer.alloc(32, 1)),
  sshString('ssh:'),
]);
const plain = Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.alloc(32, 2))]);

let folder: string;
let server: Server;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hd-agent-'));
  const held = [hardware, plain].map((blob, i) => Buffer.concat([sshString(blob), sshString(`key ${i}`)]));
  const answer = sshString(Buffer.concat([Buffer.from([12, 0, 0, 0, 2]), ...held]));
  server = createServer((peer) => {
    peer.on('error', () => {});
    peer.on('data', () => peer.write(answer));
  });
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve));
});
afterEach(async () => {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  rmSync(folder, { recursive: true });
});

async function offered(options: AskerOptions) {
  const env = { SSH_AUTH_SOCK: join(folder, 's') };
  const target = resolvedFrom({ name: 'alpha', user: 'me' }, new Map(), { home: folder, env });
  const offer = await publicKeyProvider(new UnlockedKeys()).offers(target, new Asker(target, options));
  return { labels: offer.credentials.map(({ label }) => label), notes: offer.notes };
}

const both = [
  'sk-ssh-ed25519@openssh.com key key 0 of the ssh-agent',
  'ssh-ed25519 key key 1 of the ssh-agent',
];

test('a hardware key is offered where somebody is there to touch it', async () => {
  expect((await offered({ prompter: { ask: async () => undefined } })).labels).toEqual(both);
  expect((await offered({ attended: true })).labels).toEqual(both);
});

test('and not in the background', async () => {
  expect(await offered({})).toEqual({
    labels: both.slice(1),
    notes: ['The hardware key key 0 was not asked for a touch.'],
  });
});
