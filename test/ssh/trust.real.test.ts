import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPool, type Pool, recordHostKey, type SshTarget, scanHostKey } from '../../src/ssh/ssh.ts';
import { type Sshd, startSshd } from '../rigs/sshd/sshd.ts';

let sshd: Sshd;
let pools: Pool[] = [];

beforeEach(async () => {
  sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
});

afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  pools = [];
  await sshd.stop();
});

const target = (): SshTarget => ({ name: sshd.host, port: sshd.port });
const named = (name: string): SshTarget => ({
  name,
  port: sshd.port,
  addresses: [{ address: sshd.host, family: 4 }],
});

async function connect(to: SshTarget = target()): Promise<boolean> {
  const pool = createPool(sshd.environment);
  pools.push(pool);
  return (await pool.connect(to)).isOpen;
}

const at = () => `[${sshd.host}]:${sshd.port}`;
const fingerprint = (type: string) =>
  execFileSync('ssh-keygen', ['-lf', join(sshd.dir, `host_${type}.pub`)])
    .toString()
    .split(' ')[1] ?? '';

/** Does OpenSSH itself accept the host, asking nobody? */
function sshAccepts(name = sshd.host): boolean {
  try {
    const args = [
      '-F',
      sshd.environment.configFile ?? '',
      '-o',
      'BatchMode=yes',
      '-o',
      'StrictHostKeyChecking=yes',
    ];
    execFileSync(
      'ssh',
      [
        ...args,
        '-o',
        `HostName=${sshd.host}`,
        '-o',
        `HostKeyAlias=${name === sshd.host ? at() : name}`,
        '-p',
        String(sshd.port),
        name,
        'true',
      ],
      { stdio: 'ignore' },
    );
    return true;
  } catch {
    return false;
  }
}

describe('a known key is accepted', () => {
  test.each(['ed25519', 'ecdsa', 'rsa'] as const)('if only the %s one is known', async (type) => {
    sshd.know([`${at()} ${sshd.hostKey(type)}`]);
    expect(await connect()).toBe(true);
  });

  test('hashed by ssh-keygen', async () => {
    execFileSync('ssh-keygen', ['-q', '-H', '-f', sshd.knownHosts], { stdio: 'ignore' });
    rmSync(`${sshd.knownHosts}.old`);
    expect(readFileSync(sshd.knownHosts, 'utf8')).toMatch(/^\|1\|/u);
    expect(await connect()).toBe(true);
  });

  test('under its HostKeyAlias', async () => {
    sshd.know([`office ${sshd.hostKey('ed25519')}`]);
    sshd.configure(['HostKeyAlias office']);
    expect(await connect()).toBe(true);
  });

  test('without the port, as ssh does', async () => {
    sshd.know([`${sshd.host} ${sshd.hostKey('ed25519')}`]);
    expect(await connect()).toBe(true);
  });

  test('under the other spelling of a link-local name', async () => {
    sshd.know([`[alpha.local]:${sshd.port} ${sshd.hostKey('ed25519')}`]);
    expect(await connect(named('alpha'))).toBe(true);
    expect(await connect(named('ALPHA.local'))).toBe(true);
  });
});

describe('anything else is refused', () => {
  test('unknown: with the fingerprint and what to do', async () => {
    sshd.know([]);
    await expect(connect()).rejects.toMatchObject({
      code: 'host-key-unknown',
      message: expect.stringContaining(fingerprint('ed25519')),
      hint: expect.stringContaining(`hotdesk trust ${sshd.host}`),
    });
    expect(sshd.log()).not.toContain('Accepted');
  });

  test("another host's name does not vouch, but is told", async () => {
    sshd.know([`${at()},[beta]:${sshd.port} ${sshd.hostKey('ed25519')}`]);
    const spoofed = { ...named('alpha'), aliases: ['beta', 'beta.local'] };
    await expect(connect(spoofed)).rejects.toMatchObject({
      code: 'host-key-unknown',
      message: expect.stringContaining(`[beta]:${sshd.port}`),
    });
  });

  test('changed: with both fingerprints and the way out', async () => {
    const old = sshd.hostKey('ed25519');
    const oldPrint = fingerprint('ed25519');
    await sshd.stop();
    sshd = await startSshd();
    sshd.know([`${at()} ${old}`]);
    const error = await connect().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'host-key-changed' });
    expect(String(error)).toContain(oldPrint);
    expect(String(error)).toContain(fingerprint('ed25519'));
    const hint = error instanceof Error && 'hint' in error ? String(error.hint) : '';
    // The way out works as it is written.
    const command = /ssh-keygen -R [^&]*/u.exec(hint)?.[0] ?? 'false';
    execFileSync('sh', ['-c', command], { stdio: 'ignore' });
    await expect(connect()).rejects.toMatchObject({ code: 'host-key-unknown' });
  });

  test('a key of another type than the known ones is no way around them', async () => {
    await sshd.stop();
    sshd = await startSshd({ hostKeys: ['ecdsa'] });
    const stranger = await startSshd({ hostKeys: ['ed25519'] });
    sshd.know([`${at()} ${stranger.hostKey('ed25519')}`]);
    await stranger.stop();
    await expect(connect()).rejects.toMatchObject({ code: 'host-key-changed' });
  });

  test('revoked, though known', async () => {
    sshd.know([`${at()} ${sshd.hostKey('ed25519')}`, `@revoked * ${sshd.hostKey('ed25519')}`]);
    await expect(connect()).rejects.toMatchObject({ code: 'host-key-revoked' });
  });

  test('by certificate only: said', async () => {
    sshd.know([`@cert-authority ${at()} ${sshd.hostKey('ed25519')}`]);
    await expect(connect()).rejects.toMatchObject({
      code: 'host-key-unknown',
      message: expect.stringContaining('certificate'),
    });
  });

  test('all, when known_hosts cannot be read', async () => {
    rmSync(sshd.knownHosts);
    mkdirSync(sshd.knownHosts);
    await expect(connect()).rejects.toMatchObject({ code: 'unsafe-file' });
  });
});

test('an address where another machine answers is passed over for one where the host does', async () => {
  const stranger = await startSshd({ listen: '127.0.0.2', port: sshd.port });
  try {
    sshd.know([`[alpha]:${sshd.port} ${sshd.hostKey('ed25519')}`]);
    const addresses = ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 as const }));
    expect(await connect({ name: 'alpha', port: sshd.port, addresses })).toBe(true);
    expect(stranger.log()).not.toContain('Accepted');
    await expect(
      connect({ name: 'alpha', port: sshd.port, addresses: addresses.slice(0, 1) }),
    ).rejects.toMatchObject({
      code: 'host-key-changed',
    });
  } finally {
    await stranger.stop();
  }
});

describe('trust', () => {
  test('shows the key, records it once, and ssh agrees', async () => {
    rmSync(dirname(sshd.knownHosts), { recursive: true });
    mkdirSync(join(sshd.home, '.ssh'), { mode: 0o700 });
    sshd.configure([]);
    const presented = await scanHostKey(target(), sshd.environment);
    expect(presented).toMatchObject({ type: 'ssh-ed25519', fingerprint: fingerprint('ed25519') });
    expect(presented.verdict.state).toBe('unknown');
    expect(sshd.log()).not.toContain('Accepted');
    await recordHostKey(presented);
    await recordHostKey(presented);
    expect(readFileSync(sshd.knownHosts, 'utf8')).toBe(`${at()} ${sshd.hostKey('ed25519').trim()}\n`);
    expect(statSync(sshd.knownHosts).mode & 0o777).toBe(0o600);
    expect((await scanHostKey(target(), sshd.environment)).verdict.state).toBe('trusted');
  });

  test('keeps what the file held, also without a last newline, and hashes if ssh would', async () => {
    writeFileSync(sshd.knownHosts, `other ${sshd.hostKey('rsa')}`.trim(), { mode: 0o644 });
    chmodSync(sshd.knownHosts, 0o644);
    sshd.configure(['HashKnownHosts yes']);
    await recordHostKey(await scanHostKey(named('alpha'), sshd.environment));
    const lines = readFileSync(sshd.knownHosts, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toMatch(/^other /u);
    expect(lines.slice(1)).toEqual([expect.stringMatching(/^\|1\|/u), expect.stringMatching(/^\|1\|/u)]);
    const found = execFileSync('ssh-keygen', [
      '-F',
      `[alpha.local]:${sshd.port}`,
      '-f',
      sshd.knownHosts,
    ]).toString();
    expect(found).toContain('ssh-ed25519');
    expect(await connect(named('alpha'))).toBe(true);
    expect(sshAccepts(`[alpha]:${sshd.port}`)).toBe(true);
  });

  test('never covers up a changed key', async () => {
    const stranger = await startSshd();
    sshd.know([`${at()} ${stranger.hostKey('ed25519')}`]);
    await stranger.stop();
    const presented = await scanHostKey(target(), sshd.environment);
    expect(presented.verdict.state).toBe('changed');
    await expect(recordHostKey(presented)).rejects.toMatchObject({ code: 'host-key-changed' });
  });
});
