/** What `ssh -G` says of a host, asked of the real ssh. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Lately } from '../../src/ssh/lately.ts';
import { resolveTarget } from '../../src/ssh/ssh-config.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hd-home-'));
  mkdirSync(join(home, '.ssh'));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const write = (name: string, text: string) => writeFileSync(join(home, '.ssh', name), text);
const environment = () => ({ configFile: join(home, '.ssh/config'), home, env: { PATH: process.env.PATH } });

describe('resolveTarget', () => {
  test('follows the configuration', async () => {
    write(
      'config',
      `Host x
        HostName 10.0.0.9
        Port 2222
        User bob
        IdentityFile ~/keys/%r_key
        IdentitiesOnly yes
        UserKnownHostsFile "/tmp/a b/known" /tmp/known2
        HashKnownHosts yes
        ProxyJump j1,u@j2:2200
        ConnectTimeout 7
        AddressFamily inet
        IdentityAgent /run/agent.sock`,
    );
    const resolved = await resolveTarget(
      { name: 'x', addresses: [{ address: '10.9.9.9', family: 4 }] },
      environment(),
    );
    expect(resolved).toMatchObject({
      name: 'x',
      user: 'bob',
      hostName: '10.0.0.9',
      port: 2222,
      family: 4,
      // The user said where it is; what mDNS says does not count.
      addresses: [],
      hostKey: { primary: '[10.0.0.9]:2222', spellings: [], portless: ['10.0.0.9'] },
      userKnownHosts: ['/tmp/a b/known', '/tmp/known2'],
      hashKnownHosts: true,
      identitiesOnly: true,
      agentSocket: '/run/agent.sock',
      connectTimeoutMs: 7000,
      jumps: [{ name: 'j1' }, { name: 'j2', user: 'u', port: 2200 }],
    });
    expect(resolved.identityFiles[0]).toBe(join(home, 'keys/bob_key'));
  });

  test('a name that is not configured goes where finders saw it', async () => {
    write('config', '');
    const addresses = [{ address: 'fe80::1', family: 6, scope: 'eth0' }] as const;
    const resolved = await resolveTarget(
      { name: 'Alpha', port: 2200, user: 'eve', addresses, aliases: ['beta'] },
      { ...environment(), env: { PATH: process.env.PATH, SSH_AUTH_SOCK: '/tmp/a.sock' } },
    );
    expect(resolved).toMatchObject({
      user: 'eve',
      hostName: 'alpha',
      port: 2200,
      addresses,
      agentSocket: '/tmp/a.sock',
      hostKey: {
        primary: '[alpha]:2200',
        spellings: ['[alpha.local]:2200'],
        related: ['[beta]:2200', '[fe80::1]:2200'],
      },
      jumps: [],
      proxyCommand: undefined,
    });
  });

  test('HostKeyAlias is the only name of the key; IdentityAgent none is none', async () => {
    write('config', 'Host alpha\n HostKeyAlias Office\n IdentityAgent none\n Port 2222\n');
    const resolved = await resolveTarget(
      { name: 'alpha' },
      { ...environment(), env: { PATH: process.env.PATH, SSH_AUTH_SOCK: '/x' } },
    );
    expect(resolved.hostKey).toMatchObject({ primary: 'office', spellings: [], portless: [] });
    expect(resolved.agentSocket).toBeUndefined();
  });

  test('a configuration that ssh refuses is named', async () => {
    write('config', 'Nonsense yes\n');
    await expect(resolveTarget({ name: 'alpha' }, environment())).rejects.toMatchObject({
      code: 'bad-settings',
    });
  });
});

test('what ssh said a moment ago is not asked again; a little later it is', async () => {
  let now = 1_000_000;
  const lately = new Lately({ now: () => now, after: () => () => {} });
  const portOf = async (name: string, signal?: AbortSignal) =>
    (await resolveTarget({ name }, { ...environment(), lately }, signal)).port;
  write('config', 'NoSuchKeyword');
  await expect(portOf('x')).rejects.toMatchObject({ code: 'bad-settings' });
  write('config', 'Host x\n  Port 2222');
  expect(await portOf('x')).toBe(2222);
  write('config', 'Host x y\n  Port 3333');
  expect(await portOf('x')).toBe(2222);
  expect(await portOf('y')).toBe(3333);
  await expect(portOf('x', AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  now += 5000;
  expect(await portOf('x')).toBe(3333);
  // A clock that was put back says nothing of how long ago it was.
  write('config', 'Host x\n  Port 4444');
  now -= 3_600_000;
  expect(await portOf('x')).toBe(4444);
});
