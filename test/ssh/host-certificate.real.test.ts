/** Host certificates by ssh-keygen, shown by a real sshd, and judged by us as ssh itself judges them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HotdeskError } from '../../src/kernel/errors.ts';
import { sshString } from '../../src/ssh/auth/blob.ts';
import { createPool, type Pool, recordHostKey, scanHostKey } from '../../src/ssh/ssh.ts';
import { type Authority, type CertificateOptions, newAuthority } from '../rigs/authority.ts';
import {
  type CertificateFields,
  craft,
  newHardwareSigner,
  newSigner,
  type Signer,
} from '../rigs/certificate.ts';
import { type Sshd, type SshdOptions, startSshd } from '../rigs/sshd/sshd.ts';

let dir: string;
let sshd: Sshd | undefined;
let pool: Pool | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hd-authority-'));
});

afterEach(async () => {
  vi.useRealTimers();
  await pool?.close();
  await sshd?.stop();
  pool = sshd = undefined;
  rmSync(dir, { recursive: true });
});

type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

/** A server called `alpha`, whose key `authority` has certified. */
async function start(
  authority: Authority,
  { names = ['alpha.lab'], ...rest }: CertificateOptions = {},
  options: SshdOptions & { type?: KeyType; alias?: readonly string[] } = {},
): Promise<Sshd> {
  const { type = 'ed25519', alias = ['HostKeyAlias alpha.lab'] } = options;
  sshd = await startSshd({
    hostKeys: [type],
    ...options,
    prepare: (at) => [
      `HostCertificate ${authority.certify(join(at, `host_${type}.pub`), { names, ...rest })}`,
    ],
  });
  sshd.configure(['Host alpha', `HostName ${sshd.host}`, `Port ${sshd.port}`, ...alias]);
  return sshd;
}

/** Likewise, with a certificate that ssh-keygen would not make. */
async function startCrafted(signer: Signer, fields: CertificateFields): Promise<Sshd> {
  sshd = await startSshd({
    prepare: (at) => {
      const [, blob = ''] = readFileSync(join(at, 'host_ed25519.pub'), 'utf8').split(' ');
      const key = Buffer.from(blob, 'base64').subarray(-32);
      const made = craft(signer, { key, principals: ['alpha.lab'], ...fields });
      const file = join(at, 'host_ed25519-cert.pub');
      writeFileSync(file, `ssh-ed25519-cert-v01@openssh.com ${made.toString('base64')}\n`);
      return [`HostCertificate ${file}`];
    },
  });
  sshd.configure(['Host alpha', `HostName ${sshd.host}`, `Port ${sshd.port}`, 'HostKeyAlias alpha.lab']);
  return sshd;
}

/** How each of the two judges the server `alpha`; they have to agree. */
async function judged(server: Sshd, known: readonly string[]): Promise<'in' | HotdeskError> {
  server.know(known);
  const ours = await connect(server);
  const { configFile = '' } = server.environment;
  const theirs = spawnSync('ssh', [
    ...['-F', configFile, '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes'],
    ...['alpha', 'true'],
  ]);
  expect(theirs.status, `ssh: ${theirs.stderr}`).toBe(ours === 'in' ? 0 : 255);
  return ours;
}

async function connect(server: Sshd): Promise<'in' | HotdeskError> {
  await pool?.close();
  pool = createPool(server.environment);
  try {
    const connection = await pool.connect({ name: 'alpha' });
    expect((await connection.exec(['echo', 'hi'])).stdout.toString()).toBe('hi\n');
    return 'in';
  } catch (error) {
    if (error instanceof HotdeskError) return error;
    throw error;
  }
}

describe('a host is known by an authority in known_hosts', () => {
  test.each([
    ['ed25519', 'ed25519'],
    ['ecdsa', 'ed25519'],
    ['rsa', 'ed25519'],
    ['ed25519', 'ecdsa -b 256'],
    ['ed25519', 'ecdsa -b 384'],
    ['ed25519', 'ecdsa -b 521'],
    ['ed25519', 'rsa -b 2048'],
    ['rsa', 'rsa -b 3072'],
  ] as const)('key %s, authority %s', async (type, kind) => {
    const authority = newAuthority(dir, 'authority', kind);
    const server = await start(authority, {}, { type });
    expect(await judged(server, [`@cert-authority *.lab ${authority.key}`])).toBe('in');
  });

  test.each(['ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-256'])(
    'host key of %s',
    async (name) => {
      const authority = newAuthority(dir);
      const bits = name.startsWith('ecdsa') ? ['-b', name.slice(-3)] : [];
      const file = join(dir, 'host');
      execFileSync('ssh-keygen', [
        '-q',
        '-t',
        name.slice(0, name.startsWith('rsa') ? 3 : 5),
        ...bits,
        '-N',
        '',
        '-f',
        file,
      ]);
      const certificate = authority.certify(`${file}.pub`, { names: ['alpha.lab'] });
      const server = await start(
        authority,
        {},
        {
          config: [
            `HostKey ${file}`,
            `HostCertificate ${certificate}`,
            `HostKeyAlgorithms ${name}-cert-v01@openssh.com`,
          ],
        },
      );
      expect(await judged(server, [`@cert-authority *.lab ${authority.key}`])).toBe('in');
    },
  );

  test('by its address and port, hashed, or without the port', async () => {
    const authority = newAuthority(dir);
    const server = await start(authority, { names: ['127.0.0.1'] }, { alias: [] });
    expect(await judged(server, [`@cert-authority [127.0.0.1]:${server.port} ${authority.key}`])).toBe('in');
    expect(await judged(server, [`@cert-authority 127.0.0.* ${authority.key}`])).toBe('in');
    const file = join(dir, 'names');
    writeFileSync(file, `[127.0.0.1]:${server.port} ${authority.key}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const hashed = readFileSync(file, 'utf8');
    expect(hashed).toMatch(/^\|1\|/u);
    expect(await judged(server, [`@cert-authority ${hashed.trim()}`])).toBe('in');
    const not = await judged(server, [
      `@cert-authority *,![127.0.0.1]:${server.port},!127.0.0.1 ${authority.key}`,
    ]);
    expect(not).toMatchObject({ code: 'host-key-unknown' });
  });

  test('rather than by another key, as in ssh: in the order in which ssh asks', async () => {
    const authority = newAuthority(dir);
    const stranger = newAuthority(dir, 'stranger');
    const other = newAuthority(dir, 'other', 'ecdsa');
    const server = await start(
      authority,
      { names: ['127.0.0.1'] },
      { alias: [], hostKeys: ['ed25519', 'ecdsa'] },
    );
    const at = `[127.0.0.1]:${server.port}`;
    for (const where of [at, '127.0.0.1']) {
      const mark = `@cert-authority ${where} ${authority.key}`;
      expect(await judged(server, [mark, `${at} ${stranger.key}`])).toBe('in');
      expect(await judged(server, [mark, `${at} ${server.hostKey('ecdsa')}`])).toBe('in');
    }
    const named = [`@cert-authority ${at} ${authority.key}`, `${at} ${other.key}`];
    expect(await judged(server, named)).toBe('in');
    // Known under that very name is another key of a type that the host has: it is asked for, and shown.
    const bare = [`@cert-authority 127.0.0.1 ${authority.key}`, `${at} ${other.key}`];
    expect(await judged(server, bare)).toMatchObject({ code: 'host-key-changed' });
  });

  test('and its connection lives on through new session keys, though the certificate has run out', async () => {
    const authority = newAuthority(dir);
    const server = await start(authority, {}, { config: ['RekeyLimit 1M'] });
    server.know([`@cert-authority *.lab ${authority.key}`]);
    pool = createPool(server.environment);
    const connection = await pool.connect({ name: 'alpha' });
    expect(connection.login.vouchedFor).toMatch(
      /^vouched for by certificate authority SHA256:\S+ from \S+known_hosts line 1$/u,
    );
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * 86_400_000 });
    const path = join(server.dir, 'echo.sock');
    const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => echo.listen(path, resolve));
    const stream = await connection.open({ kind: 'unix', path });
    stream.end(Buffer.alloc(5_000_000, 7));
    expect((await buffer(stream)).length).toBe(5_000_000);
    echo.close();
    expect((await connection.exec(['echo', 'still here'])).stdout.toString()).toBe('still here\n');
    expect(await connect(server)).toMatchObject({
      code: 'host-key-unknown',
      message: expect.stringContaining('has expired: it was valid until'),
    });
  });

  test('where the authority is a hardware key', async () => {
    const signer = newHardwareSigner();
    const server = await startCrafted(signer, {});
    const mark = `@cert-authority *.lab sk-ssh-ed25519@openssh.com ${signer.key.toString('base64')}`;
    expect(await judged(server, [mark])).toBe('in');
    const { key } = newHardwareSigner();
    const other = `@cert-authority *.lab sk-ssh-ed25519@openssh.com ${key.toString('base64')}`;
    expect(await judged(server, [other])).toMatchObject({ code: 'host-key-unknown' });
  });

  test('by what npm run build makes, too', async () => {
    const authority = newAuthority(dir, 'authority', 'rsa -b 2048');
    const server = await start(authority, {}, { type: 'rsa' });
    server.know([`@cert-authority *.lab ${authority.key}`]);
    const built: typeof import('../../src/ssh/ssh.ts') = createRequire(import.meta.url)('../../dist/ssh.cjs');
    pool = built.createPool(server.environment);
    const connection = await pool.connect({ name: 'alpha' });
    expect(connection.login.vouchedFor).toContain('vouched for by certificate authority');
    expect((await connection.exec(['echo', 'hi'])).stdout.toString()).toBe('hi\n');
  });
});

describe('a certificate that does not vouch', () => {
  const cases: readonly [string, CertificateOptions, string][] = [
    ['has expired', { valid: '20200101:20200102' }, 'has expired: it was valid until 2020-01-0'],
    ['is not valid yet', { valid: '+1d:+2d' }, 'is not valid before'],
    [
      'is for another host',
      { names: ['beta.lab', 'gamma.lab'] },
      'is for beta.lab, gamma.lab, not for alpha.lab',
    ],
    ['is for a user', { user: true }, 'is one for users'],
  ];

  test.each(cases)('%s: the key counts alone', async (_what, options, word) => {
    const authority = newAuthority(dir);
    const server = await start(authority, options);
    const mark = `@cert-authority *.lab ${authority.key}`;
    expect(await judged(server, [mark])).toMatchObject({
      code: 'host-key-unknown',
      message: expect.stringContaining(word),
      hint: expect.stringContaining('hotdesk trust alpha'),
    });
    expect(await judged(server, [mark, `alpha.lab ${server.hostKey('ed25519')}`])).toBe('in');
    const stranger = newAuthority(dir, 'stranger');
    expect(await judged(server, [mark, `alpha.lab ${stranger.key}`])).toMatchObject({
      code: 'host-key-changed',
      message: expect.stringContaining(word),
    });
  });

  test('names no host, which ssh takes for all before 10.3', async () => {
    const authority = newAuthority(dir);
    const server = await start(authority, { names: [] });
    server.know([`@cert-authority *.lab ${authority.key}`]);
    expect(await connect(server)).toMatchObject({ message: expect.stringContaining('names no host') });
  });

  test('is by an authority that is not known, or not for this host', async () => {
    const authority = newAuthority(dir);
    const stranger = newAuthority(dir, 'stranger');
    const server = await start(stranger);
    const unknown = await judged(server, [`@cert-authority *.lab ${authority.key}`]);
    expect(unknown).toMatchObject({
      code: 'host-key-unknown',
      message: expect.stringContaining('does not name for it'),
    });
    expect(await judged(server, [`@cert-authority *.office ${stranger.key}`])).toMatchObject({
      code: 'host-key-unknown',
    });
    // No authority, but a key: a certificate is no way around it.
    expect(await judged(server, [`alpha.lab ${stranger.key}`])).toMatchObject({ code: 'host-key-changed' });
    expect(await judged(server, [`alpha.lab ${server.hostKey('ed25519')}`])).toBe('in');
    // The key of an authority is no host key.
    expect(
      await judged(server, [`alpha.lab ${authority.key}`, `@cert-authority *.lab ${authority.key}`]),
    ).toMatchObject({ code: 'host-key-changed' });
  });

  test('is signed by RSA with SHA-1', async () => {
    const authority = newAuthority(dir, 'authority', 'rsa -b 2048');
    const server = await start(authority, { with: ['-t', 'ssh-rsa'] });
    expect(await judged(server, [`@cert-authority *.lab ${authority.key}`])).toMatchObject({
      code: 'host-key-unknown',
      message: expect.stringContaining('SHA-1'),
    });
  });

  test('holds under a condition that is not known', async () => {
    const signer = newSigner();
    const conditions = Buffer.concat([sshString('only-on-mondays'), sshString('')]);
    const server = await startCrafted(signer, { conditions });
    const mark = `@cert-authority *.lab ssh-ed25519 ${signer.key.toString('base64')}`;
    expect(await judged(server, [mark])).toMatchObject({
      code: 'host-key-unknown',
      message: expect.stringContaining('only-on-mondays'),
    });
    expect(await judged(server, [mark, `alpha.lab ${server.hostKey('ed25519')}`])).toBe('in');
  });

  test('is revoked, or its authority, or its key', async () => {
    const authority = newAuthority(dir);
    const server = await start(authority);
    const mark = `@cert-authority *.lab ${authority.key}`;
    const key = `alpha.lab ${server.hostKey('ed25519')}`;
    expect(await judged(server, [mark, `@revoked * ${authority.key}`])).toMatchObject({
      code: 'host-key-revoked',
      message: expect.stringContaining('certificate authority of the host key'),
    });
    expect(await judged(server, [mark, `@revoked * ${server.hostKey('ed25519')}`])).toMatchObject({
      code: 'host-key-revoked',
    });
    // Not even where the key is known.
    expect(await judged(server, [mark, key, `@revoked * ${authority.key}`])).toMatchObject({
      code: 'host-key-revoked',
    });
    expect(await judged(server, [key, `@revoked * ${authority.key}`])).toMatchObject({
      code: 'host-key-revoked',
    });
  });
});

test('a host without a certificate is told from one with a bad one', async () => {
  const authority = newAuthority(dir);
  sshd = await startSshd();
  sshd.configure(['Host alpha', `HostName ${sshd.host}`, `Port ${sshd.port}`, 'HostKeyAlias alpha.lab']);
  expect(await judged(sshd, [`@cert-authority *.lab ${authority.key}`])).toMatchObject({
    code: 'host-key-unknown',
    message: expect.stringContaining('but it shows no certificate'),
  });
});

test('a jump host and the host behind it are known by one line', async () => {
  const authority = newAuthority(dir);
  const server = await start(authority);
  const gate = await startSshd({
    prepare: (at) => [
      `HostCertificate ${authority.certify(join(at, 'host_ed25519.pub'), { names: ['gate.lab'] })}`,
    ],
  });
  try {
    server.configure([
      ...[
        'Host alpha',
        'HostName 127.0.0.1',
        'HostKeyAlias alpha.lab',
        `Port ${server.port}`,
        'ProxyJump gate',
      ],
      ...['Host gate', 'HostName 127.0.0.1', 'HostKeyAlias gate.lab', `Port ${gate.port}`],
      `IdentityFile ${gate.keyFile}`,
    ]);
    server.know([`@cert-authority *.lab ${authority.key}`]);
    expect(await connect(server)).toBe('in');
    expect(pool?.connections().map(({ login }) => login.vouchedFor !== undefined)).toEqual([true, true]);
    server.know([`@cert-authority alpha.lab ${authority.key}`]);
    expect(await connect(server)).toMatchObject({ code: 'host-key-unknown' });
  } finally {
    await gate.stop();
  }
});

test('trust shows the key in the certificate, says who vouches for it, and records the key where nobody does', async () => {
  const authority = newAuthority(dir);
  const server = await start(authority);
  const fingerprint = execFileSync('ssh-keygen', ['-lf', join(server.dir, 'host_ed25519.pub')])
    .toString()
    .split(' ')[1];
  server.know([`@cert-authority *.lab ${authority.key}`]);
  const vouched = await scanHostKey({ name: 'alpha' }, server.environment);
  expect(vouched).toMatchObject({
    type: 'ssh-ed25519',
    fingerprint,
    verdict: { state: 'trusted' },
    certificate: expect.stringMatching(/^vouched for by certificate authority SHA256:\S+ from \S+ line 1$/u),
  });
  await recordHostKey(vouched);
  expect(readFileSync(server.knownHosts, 'utf8')).toBe(`@cert-authority *.lab ${authority.key}\n`);

  const stranger = newAuthority(dir, 'stranger');
  server.know([`@cert-authority *.lab ${stranger.key}`]);
  const unknown = await scanHostKey({ name: 'alpha' }, server.environment);
  expect(unknown).toMatchObject({ fingerprint, verdict: { state: 'unknown' } });
  await recordHostKey(unknown);
  const line = `alpha.lab ${server.hostKey('ed25519')}`;
  expect(readFileSync(server.knownHosts, 'utf8')).toBe(`@cert-authority *.lab ${stranger.key}\n${line}\n`);
  expect(await connect(server)).toBe('in');
});
