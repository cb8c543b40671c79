import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPool, type Pool, type PoolDeps } from '../../src/ssh/ssh.ts';
import { listens } from '../rigs/listens.ts';
import { freePort, keygen, type Sshd, startSshd, until } from '../rigs/sshd/sshd.ts';

let sshd: Sshd;
let pools: Pool[] = [];
let agent: ChildProcess | undefined;

beforeEach(async () => {
  sshd = await startSshd();
});

afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  pools = [];
  agent?.kill();
  agent = undefined;
  await sshd.stop();
});

function connect(deps: PoolDeps = {}) {
  const pool = createPool({ ...sshd.environment, ...deps });
  pools.push(pool);
  return pool.connect({ name: sshd.host, port: sshd.port });
}

/** An ssh-agent that holds these key files. */
async function startAgent(files: readonly string[]): Promise<string> {
  const socket = join(sshd.dir, 'agent.sock');
  agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  await until(() => listens(socket), 'the agent listens');
  for (const file of files) {
    execFileSync('ssh-add', ['-q', file], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'ignore',
    });
  }
  return socket;
}

function newKey(
  name: string,
  options: { type?: string; passphrase?: string; authorized?: boolean } = {},
): string {
  const file = join(sshd.dir, name);
  keygen(file, options.type ?? 'ed25519', options.passphrase ?? '', name);
  if (options.authorized) appendFileSync(join(sshd.dir, 'authorized_keys'), readFileSync(`${file}.pub`));
  return file;
}

describe('keys', () => {
  test.each(['ed25519', 'ecdsa', 'rsa'])('a configured %s key file logs in', async (type) => {
    const file = newKey('mine', { type, authorized: true });
    sshd.configure([`IdentityFile ${file}`, 'IdentitiesOnly yes']);
    expect((await connect()).isOpen).toBe(true);
    expect(sshd.log()).toContain('Accepted publickey');
  });

  test('the ssh-agent logs in, by the twelfth of its keys even, where sshd allows six tries', async () => {
    const wrong = Array.from({ length: 11 }, (_, i) => newKey(`wrong${i}`));
    const right = newKey('right', { authorized: true });
    const socket = await startAgent([...wrong, right]);
    const configured = readFileSync(join(sshd.home, '.ssh/config'), 'utf8').replace(
      sshd.keyFile,
      '/nonexistent',
    );
    sshd.configure([configured]);
    const connection = await connect({
      env: { SSH_AUTH_SOCK: socket },
      configFile: sshd.environment.configFile,
    });
    expect(connection.isOpen).toBe(true);
  });

  test('IdentitiesOnly offers of the agent just what is configured', async () => {
    const other = newKey('other', { authorized: true });
    const socket = await startAgent([other]);
    sshd.configure(['IdentitiesOnly yes', `IdentityFile ${newKey('useless')}`]);
    await connect({ env: { SSH_AUTH_SOCK: socket } });
    // The rig's own key file came last and was taken.
    expect(sshd.log()).toContain('Accepted publickey');
    const fingerprint =
      execFileSync('ssh-keygen', ['-lf', `${other}.pub`])
        .toString()
        .split(' ')[1] ?? '';
    expect(sshd.log()).not.toContain(fingerprint);
  });

  test('with nobody to ask, a key with a passphrase is passed over with a note', async () => {
    const file = newKey('locked', { passphrase: 'open sesame', authorized: true });
    const config = join(sshd.dir, 'only-locked');
    execFileSync('sh', [
      '-c',
      `sed "s#${sshd.keyFile}#${file}#" ${join(sshd.home, '.ssh/config')} > ${config}`,
    ]);
    await expect(connect({ configFile: config })).rejects.toMatchObject({
      code: 'auth-failed',
      message: expect.stringContaining(`${file} has a passphrase`),
      hint: expect.stringContaining('ssh-add'),
    });
  });

  test('a wrong key is refused, with what was tried and what to do', async () => {
    const file = newKey('wrong');
    const config = join(sshd.dir, 'only-wrong');
    execFileSync('sh', [
      '-c',
      `sed "s#${sshd.keyFile}#${file}#" ${join(sshd.home, '.ssh/config')} > ${config}`,
    ]);
    await expect(connect({ configFile: config })).rejects.toMatchObject({
      code: 'auth-failed',
      message: expect.stringContaining(file),
      hint: expect.stringContaining('authorized_keys'),
    });
  });

  test('an agent that never answers is not waited for long', async () => {
    const socket = join(sshd.dir, 'mute.sock');
    const mute = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(socket, resolve));
    const connection = await connect({ env: { SSH_AUTH_SOCK: socket } });
    expect(connection.isOpen).toBe(true);
    mute.close();
  });
});

test('nothing is left behind: no socket, no timer, no process', async () => {
  const env = { SSH_AUTH_SOCK: await startAgent([sshd.keyFile]) };
  const active = (name: string) => process.getActiveResourcesInfo().filter((each) => each === name).length;
  const kinds = ['TCPSocketWrap', 'PipeWrap', 'ProcessWrap', 'Timeout'];
  const before = kinds.map(active);
  const pool = createPool({ ...sshd.environment, env });
  const connection = await pool.connect({ name: sshd.host, port: sshd.port });
  await connection.exec(['true']);
  await connection.exec(['sleep', '30'], { timeoutMs: 200 }).catch(() => {});
  await pool.connect({ name: sshd.host, port: await freePort() }).catch(() => {});
  expect(active('TCPSocketWrap')).toBeGreaterThan(before[0] ?? 0);
  await pool.close();
  await until(() => kinds.every((kind, i) => active(kind) <= (before[i] ?? 0)), 'all is closed', 3000);
  await until(() => sshd.children().length === 0, 'sshd has let go');
});

describe('reaching the host', () => {
  test('refused', async () => {
    const pool = createPool(sshd.environment);
    pools.push(pool);
    const port = await freePort();
    await expect(pool.connect({ name: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'connection-refused',
    });
  });

  test('no such name', async () => {
    const pool = createPool(sshd.environment);
    pools.push(pool);
    await expect(pool.connect({ name: 'no-such-host.invalid' })).rejects.toMatchObject({
      code: 'host-unreachable',
    });
  });

  test('a name that would be an option or shell text never reaches ssh', async () => {
    const pool = createPool(sshd.environment);
    pools.push(pool);
    for (const name of ['-oProxyCommand=touch /tmp/x', 'a b', 'a\nb', '$(id)', '', 'a;b', 'x'.repeat(300)]) {
      await expect(pool.connect({ name })).rejects.toMatchObject({ code: 'bad-argument' });
    }
  });

  test('an abort ends it', async () => {
    const silent = createServer((socket) => socket.resume());
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => {
        const address = silent.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    const pool = createPool(sshd.environment);
    pools.push(pool);
    const controller = new AbortController();
    const connecting = pool.connect({ name: '127.0.0.1', port }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 200);
    await expect(connecting).rejects.toMatchObject({ code: 'cancelled' });
    await until(
      () => new Promise<boolean>((resolve) => silent.getConnections((_e, n) => resolve(n === 0))),
      'the connection is closed',
    );
    silent.close();
  });

  test('the address that answers is taken, though others are dead', async () => {
    const pool = createPool(sshd.environment);
    pools.push(pool);
    sshd.know([`[alpha]:${sshd.port} ${sshd.hostKey('ed25519')}`]);
    const connection = await pool.connect({
      name: 'alpha',
      port: sshd.port,
      addresses: [
        // TEST-NET-1 (RFC 5737) and an address without a listener.
        { address: '192.0.2.1', family: 4 },
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ],
    });
    expect((await connection.exec(['echo', 'hi'])).stdout.toString()).toBe('hi\n');
  });
});
