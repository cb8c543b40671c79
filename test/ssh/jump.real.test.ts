import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPool, type Pool } from '../../src/ssh/ssh.ts';
import { type Sshd, signalAll, startSshd, until } from '../rigs/sshd/sshd.ts';

/** Three servers, each with its own login key and host key; `home` belongs to the first one's client. */
let servers: Sshd[];
let pool: Pool;

beforeEach(async () => {
  servers = await Promise.all([startSshd(), startSshd(), startSshd()]);
});

afterEach(async () => {
  await pool.close();
  await Promise.all(servers.map((server) => server.stop()));
});

function server(index: number): Sshd {
  const found = servers[index];
  if (!found) throw new Error(`no server ${index}`);
  return found;
}

/** One ssh_config that knows them as a, b and c. */
function configure(
  extra: Readonly<Record<'a' | 'b' | 'c', string>>,
  known: readonly number[] = [0, 1, 2],
): string {
  const file = join(server(0).dir, 'config');
  const names = ['a', 'b', 'c'] as const;
  const blocks = names.map((name, i) => {
    const { host, port, keyFile } = server(i);
    return `Host ${name}\n HostName ${host}\n Port ${port}\n IdentityFile ${keyFile}\n ${extra[name]}\n`;
  });
  const knownHosts = join(server(0).dir, 'known');
  writeFileSync(
    knownHosts,
    known.map((i) => `[127.0.0.1]:${server(i).port} ${server(i).hostKey('ed25519')}`).join('\n'),
  );
  writeFileSync(
    file,
    `${blocks.join('')}Host *\n User ${execFileSync('id', ['-un']).toString().trim()}\n UserKnownHostsFile ${knownHosts}\n GlobalKnownHostsFile none\n IdentitiesOnly yes\n`,
  );
  return file;
}

function poolFor(configFile: string): Pool {
  pool = createPool({ ...server(0).environment, configFile });
  return pool;
}

describe('ProxyJump', () => {
  test('through one host', async () => {
    const connection = await poolFor(configure({ a: '', b: 'ProxyJump a', c: '' })).connect({ name: 'b' });
    expect((await connection.exec(['echo', 'there'])).stdout.toString()).toBe('there\n');
    expect(server(0).log()).toContain('Accepted publickey');
    expect(pool.connections()).toHaveLength(2);
  });

  test('through a host that is let go, until nothing goes through it any more', async () => {
    const through = await poolFor(configure({ a: '', b: 'ProxyJump a', c: '' })).connect({ name: 'b' });
    const first = await pool.connect({ name: 'a' });
    expect(pool.connections()).toHaveLength(2);
    first.letGo();
    expect((await through.exec(['echo', 'still there'])).stdout.toString()).toBe('still there\n');
    expect(first.isOpen).toBe(true);
    through.letGo();
    expect(await through.closed).toBeUndefined();
    expect(await first.closed).toBeUndefined();
  });

  test('through two, by a list and by each one’s own setting', async () => {
    const list = await poolFor(configure({ a: '', b: '', c: 'ProxyJump a,b' })).connect({ name: 'c' });
    expect((await list.exec(['echo', 'list'])).stdout.toString()).toBe('list\n');
    for (const each of servers) expect(each.log()).toContain('Accepted publickey');
    await pool.close();
    const chain = await poolFor(configure({ a: '', b: 'ProxyJump a', c: 'ProxyJump b' })).connect({
      name: 'c',
    });
    expect((await chain.exec(['echo', 'chain'])).stdout.toString()).toBe('chain\n');
  });

  test('checks every host key on the way', async () => {
    await expect(
      poolFor(configure({ a: '', b: 'ProxyJump a', c: '' }, [1])).connect({ name: 'b' }),
    ).rejects.toMatchObject({ code: 'host-key-unknown', message: expect.stringContaining('of a ') });
    // The rig's own look whether it listens.
    expect(
      server(1)
        .log()
        .match(/Connection from/gu),
    ).toHaveLength(1);
    await pool.close();
    await expect(
      poolFor(configure({ a: '', b: 'ProxyJump a', c: '' }, [0])).connect({ name: 'b' }),
    ).rejects.toMatchObject({ code: 'host-key-unknown', message: expect.stringContaining('of b ') });
  });

  test('when the jump host goes, so does what goes through it', async () => {
    const connection = await poolFor(configure({ a: '', b: 'ProxyJump a', c: '' })).connect({ name: 'b' });
    signalAll(server(0).children(), 'SIGKILL');
    expect(await connection.closed).toMatchObject({ code: 'connection-lost' });
    await until(() => pool.connections().length === 0, 'the pool is empty');
  });

  test('works where the jump host forbids forwarding but can relay', async () => {
    await server(0).stop();
    servers[0] = await startSshd({ config: ['AllowTcpForwarding no'] });
    const connection = await poolFor(configure({ a: '', b: 'ProxyJump a', c: '' })).connect({ name: 'b' });
    expect((await connection.exec(['echo', 'there'])).stdout.toString()).toBe('there\n');
  });

  test('shows the key of the host behind it', async () => {
    const config = configure({ a: '', b: 'ProxyJump a', c: '' }, [0]);
    const presented = await poolFor(config).scan({ name: 'b' });
    expect(presented.line).toContain(server(1).hostKey('ed25519'));
    expect(presented.verdict.state).toBe('unknown');
  });

  test('in a circle is an error', async () => {
    const config = configure({ a: 'ProxyJump b', b: 'ProxyJump a', c: '' });
    await expect(poolFor(config).connect({ name: 'a' })).rejects.toMatchObject({ code: 'bad-settings' });
  });

  test('in a circle is an error also where all of it is gone to at once', async () => {
    const config = configure({ a: 'ProxyJump b', b: 'ProxyJump c', c: 'ProxyJump a' });
    const pool = poolFor(config);
    const all = ['a', 'b', 'c'].map((name) => expect(pool.connect({ name })).rejects);
    await Promise.all(all.map((each) => each.toMatchObject({ code: 'bad-settings' })));
  });
});

test('ProxyCommand runs as ssh runs it, and ends with the connection', async () => {
  const config = configure({ a: 'ProxyCommand socat - TCP:%h:%p', b: '', c: '' });
  const connection = await poolFor(config).connect({ name: 'a' });
  expect((await connection.exec(['echo', 'there'])).stdout.toString()).toBe('there\n');
  connection.close();
  await connection.closed;
  await until(() => server(0).children().length === 0, 'sshd has let go');
});

test('a ProxyCommand that fails is an error, not a wait', async () => {
  const config = configure({ a: 'ProxyCommand false', b: '', c: '' });
  await expect(poolFor(config).connect({ name: 'a' })).rejects.toMatchObject({ code: 'connection-lost' });
});
