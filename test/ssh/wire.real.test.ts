import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { createPool, type Pool } from '../../src/ssh/ssh.ts';
import { type Sshd, startSshd } from '../rigs/sshd/sshd.ts';

const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];
const BYTES = 8 * 1024 * 1024;
const TRIPS = 600;

let sshd: Sshd | undefined;
let pool: Pool | undefined;
let echo: Server | undefined;

afterEach(async () => {
  await pool?.close();
  echo?.close();
  await sshd?.stop();
});

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

/** What comes back of `data`. */
async function through(stream: Duplex, data: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  const back = new Promise<void>((resolve, reject) => {
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.once('end', resolve).once('error', reject);
  });
  stream.end(data);
  await back;
  return Buffer.concat(parts);
}

test.each(CIPHERS)('%s carries all of it both ways, with new keys again and again', async (cipher) => {
  sshd = await startSshd({ config: [`Ciphers ${cipher}`, 'RekeyLimit 1M', 'LogLevel DEBUG1'] });
  const socket = join(sshd.dir, 'echo.sock');
  echo = createServer({ allowHalfOpen: true }, (near) => near.pipe(near)).listen(socket);
  pool = createPool(sshd.environment);
  const connection = await pool.connect({ name: sshd.host, port: sshd.port });
  const data = randomBytes(BYTES);
  const back = await through(await connection.open({ kind: 'unix', path: socket }), data);
  expect(back.length).toBe(BYTES);
  expect(sha256(back)).toBe(sha256(data));
  // Small ones, one at a time, as keys are typed.
  const stream = await connection.open({ kind: 'unix', path: socket });
  for (let n = 0; n < TRIPS; n += 1) {
    const sent = randomBytes(1 + (n % 60));
    const answered = once(stream, 'data');
    stream.write(sent);
    let [got] = (await answered) as [Buffer];
    while (got.length < sent.length)
      got = Buffer.concat([got, ...((await once(stream, 'data')) as [Buffer])]);
    expect(got.equals(sent)).toBe(true);
  }
  stream.destroy();
  const log = sshd.log();
  expect(log).toContain(`server->client cipher: ${cipher}`);
  expect(log).toContain(`client->server cipher: ${cipher}`);
  expect(log.match(/SSH2_MSG_NEWKEYS sent/gu)?.length).toBeGreaterThan(4);
});
