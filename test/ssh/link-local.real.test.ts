import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '../../src/ssh/ssh.ts';
import { type Sshd, startSshd, until } from '../rigs/sshd/sshd.ts';

/** An IPv6 link-local address means nothing without its interface (RFC 4007). */
const INTERFACE = 'hdssh0';
const PEER = 'hdssh1';
const ADDRESS = 'fe80::d5:1';
let sshd: Sshd;

const ip = (...args: string[]) =>
  execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();

beforeAll(async () => {
  ip('link', 'add', INTERFACE, 'type', 'veth', 'peer', 'name', PEER);
  for (const device of [INTERFACE, PEER]) ip('link', 'set', device, 'up');
  ip('-6', 'addr', 'add', `${ADDRESS}/64`, 'dev', INTERFACE, 'nodad');
  await until(
    () => !ip('-6', 'addr', 'show', 'dev', INTERFACE).includes('tentative'),
    'the address is usable',
  );
  sshd = await startSshd({ listen: `${ADDRESS}%${INTERFACE}` });
});

afterAll(async () => {
  await sshd?.stop();
  ip('link', 'del', INTERFACE);
});

test('is connected to by its interface, found by a finder or typed in', async () => {
  sshd.know([`[alpha]:${sshd.port},[${ADDRESS}%${INTERFACE}]:${sshd.port} ${sshd.hostKey('ed25519')}`]);
  const pool = createPool(sshd.environment);
  const found = await pool.connect({
    name: 'alpha',
    port: sshd.port,
    addresses: [{ address: ADDRESS, family: 6, scope: INTERFACE }],
  });
  expect((await found.exec(['echo', 'found'])).stdout.toString()).toBe('found\n');
  const typed = await pool.connect({ name: `${ADDRESS}%${INTERFACE}`, port: sshd.port });
  expect((await typed.exec(['echo', 'typed'])).stdout.toString()).toBe('typed\n');
  await pool.close();
});
