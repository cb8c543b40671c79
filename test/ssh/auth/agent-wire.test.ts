import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { agentKeys, agentSign } from '../../../src/ssh/auth/agent-wire.ts';
import { BlobReader, sshString } from '../../../src/ssh/auth/blob.ts';

const folders: string[] = [];
let server: Server | undefined;

afterEach(async () => {
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  server = undefined;
});

const signal = () => AbortSignal.timeout(5000);

/** An agent that answers each request so, in pieces of one byte where `slow`; keeps the requests. */
async function agent(
  answer: Buffer | undefined,
  slow = false,
): Promise<{ socket: string; requests: Buffer[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'hd-wire-'));
  folders.push(folder);
  const socket = join(folder, 's');
  const requests: Buffer[] = [];
  server = createServer((peer) => {
    peer.on('error', () => {});
    peer.on('data', (chunk) => {
      requests.push(chunk);
      if (!answer) return void peer.end();
      if (slow) for (const byte of answer) peer.write(Buffer.from([byte]));
      else peer.write(answer);
    });
  });
  await new Promise<void>((resolve) => server?.listen(socket, resolve));
  return { socket, requests };
}

const blob = Buffer.from('a key');

test('reads what an agent holds, however it comes in', async () => {
  const body = Buffer.concat([Buffer.from([12, 0, 0, 0, 1]), sshString(blob), sshString('comment')]);
  const { socket } = await agent(sshString(body), true);
  expect(await agentKeys(socket, signal())).toEqual([{ blob, comment: 'comment' }]);
});

test('asks for the hash that the server takes', async () => {
  const { socket, requests } = await agent(
    sshString(Buffer.concat([Buffer.from([14]), sshString('signature')])),
  );
  expect((await agentSign(socket, blob, Buffer.from('data'), 'sha512', signal())).toString()).toBe(
    'signature',
  );
  const reader = new BlobReader((requests[0] ?? Buffer.alloc(0)).subarray(5));
  expect([reader.text(), reader.text(), reader.uint32()]).toEqual(['a key', 'data', 4]);
});

test.each([
  ['a refusal', sshString(Buffer.from([5]))],
  ['an end', undefined],
  ['an answer that is too long', Buffer.from([255, 255, 255, 255, 12])],
  ['an answer that is empty', Buffer.alloc(5)],
])('%s is an error', async (_what, answer) => {
  const { socket } = await agent(answer);
  await expect(agentSign(socket, blob, blob, undefined, signal())).rejects.toMatchObject({
    code: 'protocol-error',
  });
});

test('takes whatever an agent sends, and ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const { socket } = await agent(sshString(Buffer.concat([Buffer.from([12]), Buffer.from(bytes)])));
      for (const key of await agentKeys(socket, signal())) expect(key.blob.length).toBeLessThan(200);
      await new Promise<void>((resolve) => server?.close(() => resolve()));
      server = undefined;
    }),
    { numRuns: 30 },
  );
});

test('one that says nothing is left when the caller has enough', async () => {
  const { socket } = await agent(Buffer.alloc(0));
  await expect(agentKeys(socket, AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'protocol-error' });
});
