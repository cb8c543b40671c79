import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createPool, type SecretStore } from '../../src/ssh/ssh.ts';
import { PASSWORD, USER } from '../rigs/servers/account.ts';
import { type Server, type ServerOptions, startServer } from '../rigs/servers/server.ts';
import { ACCEPT, type Client, type ClientOptions, client, HOST, snapshot } from './rig.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A host whose user has an empty home, and a user here who has one too. */
async function pair(server: ServerOptions = {}, options: Partial<ClientOptions> = {}) {
  const host = await startServer(server);
  ends.push(() => host.stop());
  if (server.keys === undefined && !server.disk) rmSync(join(host.home, '.ssh'), { recursive: true });
  const user = client({ host: host.host, port: host.port, ...options });
  ends.push(() => user.remove());
  return { host, user };
}

/** The real ssh, asking for nothing. */
function ssh(user: Client, command: string, host = HOST): string {
  const { configFile } = user.deps.ssh;
  return execFileSync('ssh', ['-F', configFile ?? '', '-o', 'BatchMode=yes', host, command], {
    encoding: 'utf8',
  });
}

const keysOf = (host: Server) => readFileSync(join(host.home, '.ssh', 'authorized_keys'), 'utf8');

/** A real ssh-agent of its own. */
function startAgent(): { socket: string; stop: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'hd-agent-'));
  const socket = join(dir, 'agent');
  const said = execFileSync('ssh-agent', ['-a', socket], { encoding: 'utf8' });
  const pid = Number(/SSH_AGENT_PID=(\d+)/u.exec(said)?.[1]);
  return {
    socket,
    stop: () => {
      process.kill(pid);
      rmSync(dir, { recursive: true });
    },
  };
}

function keyring(kept: Map<string, string>): SecretStore {
  const name = (account: Parameters<SecretStore['get']>[0]) => JSON.stringify(account);
  return {
    get: async (account) => kept.get(name(account)),
    set: async (account, secret) => {
      kept.set(name(account), secret);
      return true;
    },
    delete: async (account) => kept.delete(name(account)),
  };
}

describe('from a password to a key', () => {
  it('leaves a key that the real ssh logs in with, and takes everything back', async () => {
    const { host, user } = await pair();
    const before = { here: snapshot(user.home), there: snapshot(host.home) };
    const { outcomes } = await user.run({ given: ACCEPT });
    expect([...outcomes].map(([step, { how }]) => `${step} ${how}`)).toEqual([
      'machine skipped',
      'host done',
      'trust done',
      'login done',
      'key done',
      'backends skipped',
      'agent skipped',
      'proof skipped',
    ]);
    expect(user.asked).toEqual(['password']);
    expect(ssh(user, 'echo in').trim()).toBe('in');
    expect(statSync(join(host.home, '.ssh')).mode & 0o777).toBe(0o700);
    expect(statSync(join(host.home, '.ssh', 'authorized_keys')).mode & 0o777).toBe(0o600);

    // A second run finds everything done.
    const again = await user.run({ given: ACCEPT });
    expect(again.outcomes.get('trust')?.how).toBe('already');
    expect(again.outcomes.get('key')?.how).toBe('already');
    expect(keysOf(host).trim().split('\n')).toHaveLength(1);

    await user.undo();
    expect(snapshot(host.home)).toEqual(before.there);
    expect(snapshot(user.home)).toEqual(before.here);
  });

  it('answering no at each question leaves nothing behind', async () => {
    const { host, user } = await pair();
    const before = { here: snapshot(user.home), there: snapshot(host.home) };
    const refuse = { 'trust.key': 'refuse', 'host.keep': false };
    const first = await user.run({ given: refuse, yes: false });
    expect(first.outcomes.get('trust')?.how).toBe('declined');
    expect(first.outcomes.get('login')?.how).toBe('blocked');
    expect(user.asked).toEqual([]);
    expect(snapshot(user.home)).toEqual(before.here);

    const noKey = await user.run({ given: { ...ACCEPT, 'key.which': 'none' }, yes: false });
    expect(noKey.outcomes.get('key')?.how).toBe('declined');
    await user.undo();
    expect(snapshot(user.home)).toEqual(before.here);
    expect(snapshot(host.home)).toEqual(before.there);
  });

  it('refuses a host key that is not the one that was expected, before a password is asked for', async () => {
    const { user } = await pair();
    const before = snapshot(user.home);
    const given = {
      'trust.key': 'compare',
      'trust.expected': `SHA256:${'A'.repeat(43)}`,
      'host.keep': false,
    };
    await expect(user.run({ given })).rejects.toMatchObject({ code: 'bad-argument' });
    expect(user.asked).toEqual([]);
    expect(snapshot(user.home)).toEqual(before);
  });

  it('takes the expected fingerprint, hashes known_hosts where ssh does, and keeps what is in it', async () => {
    const { host, user } = await pair({}, { config: ['HashKnownHosts yes'] });
    mkdirSync(join(user.home, '.ssh'), { mode: 0o700 });
    const file = join(user.home, '.ssh', 'known_hosts');
    const theirs = `other.example ${host.hostKey}`;
    writeFileSync(file, theirs, { mode: 0o644 });
    const before = snapshot(user.home);
    const fingerprint = execFileSync('ssh-keygen', ['-lf', join(host.dir, 'host.pub')], {
      encoding: 'utf8',
    }).split(' ')[1];
    await user.run({
      given: { 'trust.key': 'compare', 'trust.expected': fingerprint ?? '', 'host.keep': false },
    });
    expect(readFileSync(file, 'utf8')).toMatch(/^other\.example .*\n\|1\|.*\n$/u);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(ssh(user, 'true')).toBe('');
    await user.undo();
    expect(snapshot(user.home)).toEqual(before);
  });
});

describe('a new key', () => {
  it('has its passphrase, which only the ssh-agent and the user know', async () => {
    const agent = startAgent();
    ends.push(agent.stop);
    const { host, user } = await pair({}, { agentSocket: agent.socket });
    const before = { here: snapshot(user.home), there: snapshot(host.home) };
    await user.run({ given: { ...ACCEPT, 'key.passphrase': 'hard to guess' } });
    const file = join(user.home, '.ssh', 'id_ed25519');
    const opened = execFileSync('ssh-keygen', ['-y', '-P', 'hard to guess', '-f', file], {
      encoding: 'utf8',
    });
    expect(readFileSync(`${file}.pub`, 'utf8')).toContain(opened.trim().split(' ')[1]);
    expect(() => execFileSync('ssh-keygen', ['-y', '-P', '', '-f', file], { stdio: 'pipe' })).toThrow();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const listed = () =>
      spawnSync('ssh-add', ['-L'], { env: { ...process.env, SSH_AUTH_SOCK: agent.socket }, encoding: 'utf8' })
        .stdout;
    expect(listed()).toContain(opened.trim().split(' ')[1]);
    // Proved by the ssh-agent: nobody was asked for the passphrase.
    expect(user.asked).toEqual(['password']);
    await user.undo();
    expect(listed()).not.toContain('ssh-ed25519');
    expect(snapshot(user.home)).toEqual(before.here);
    expect(snapshot(host.home)).toEqual(before.there);
  });

  it('is not made where the user has one; that one is installed, its passphrase asked for once', async () => {
    const { host, user } = await pair({}, { password: PASSWORD });
    mkdirSync(join(user.home, '.ssh'), { mode: 0o700 });
    const file = join(user.home, '.ssh', 'id_ed25519');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', PASSWORD, '-C', 'mine', '-f', file]);
    const before = { here: snapshot(user.home), there: snapshot(host.home) };
    await user.run({ given: ACCEPT });
    expect(user.asked).toEqual(['password', 'passphrase']);
    expect(keysOf(host)).toBe(readFileSync(`${file}.pub`, 'utf8'));
    await user.undo();
    expect(snapshot(user.home)).toEqual(before.here);
    expect(snapshot(host.home)).toEqual(before.there);
  });

  it('is not made either where the ssh-agent has one alone; it is proved, whatever other keys are there', async () => {
    const agent = startAgent();
    ends.push(agent.stop);
    const { host, user } = await pair({}, { agentSocket: agent.socket });
    const env = { ...process.env, SSH_AUTH_SOCK: agent.socket };
    for (let i = 0; i < 20; i += 1) {
      const file = join(user.home, `key-${i}`);
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', `mine-${i}`, '-f', file]);
      execFileSync('ssh-add', ['-q', file], { env, stdio: 'ignore' });
      for (const each of [file, `${file}.pub`]) rmSync(each);
    }
    const last = execFileSync('ssh-add', ['-L'], { env, encoding: 'utf8' }).trim().split('\n').at(-1);
    const { outcomes } = await user.run({ given: { ...ACCEPT, 'key.which': last?.split(' ')[1] ?? '' } });
    expect(outcomes.get('key')).toMatchObject({ how: 'done' });
    expect(keysOf(host).trim()).toBe(last);
    // It is the same for ssh. With what is advised it is found.
    expect(JSON.stringify(user.events)).toContain('before mine-19 has its turn');
    const { configFile = '' } = user.deps.ssh;
    const login = () => spawnSync('ssh', ['-F', configFile, '-o', 'BatchMode=yes', HOST, 'true'], { env });
    expect(login().status).toBe(255);
    const file = join(user.home, 'mine-19.pub');
    writeFileSync(file, `${last}\n`);
    appendFileSync(configFile, `\nHost *\n  IdentityFile ${file}\n`);
    expect(login().status).toBe(0);
    const pool = createPool(user.deps.ssh);
    ends.push(() => pool.close());
    const { label } = (await pool.connect({ name: HOST })).login;
    expect(label).toContain('mine-19');
  });
});

/** More than a full disk has room for once more. */
const big = `${'# '.padEnd(99, 'x')}\n`.repeat(120);

/** authorized_keys as the host itself sees it, by a login with the password. */
async function fileThere(host: Server, user: Client): Promise<string> {
  const pool = createPool(user.deps.ssh);
  try {
    const connection = await pool.connect({ name: HOST }, { prompter: user.deps.prompter });
    return (await connection.exec(['cat', '.ssh/authorized_keys'])).stdout.toString();
  } finally {
    await pool.close();
    expect(host.log()).toContain('Accepted password');
  }
}

/** fish makes folders of its own wherever it runs. */
function withoutFish(home: Record<string, string>): Record<string, string> {
  const isFish = './.config/fish/' in home;
  const its = /^\.\/\.(?:config|local)\//u;
  return Object.fromEntries(Object.entries(home).filter(([path]) => !isFish || !its.test(path)));
}

const others =
  '# of somebody else\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA other';

describe('the host’s files', () => {
  it.each(['/bin/bash', '/usr/bin/fish', '/usr/bin/tcsh', '/usr/bin/zsh', '/bin/dash', '/usr/sbin/nologin'])(
    'are changed and put back with %s as the login shell',
    async (shell) => {
      const { host, user } = await pair({ shell });
      const before = snapshot(host.home);
      await user.run({ given: ACCEPT });
      expect(keysOf(host)).toMatch(/^ssh-ed25519 \S+ \S+\n$/u);
      await user.undo();
      expect(withoutFish(snapshot(host.home))).toEqual(before);
    },
  );

  it.each([
    ['by SFTP alone', ['ForceCommand internal-sftp']],
    ['without SFTP', ['Subsystem none /bin/false']],
    ['with one session at a time', ['MaxSessions 1']],
    ['with three tries', ['MaxAuthTries 3']],
    ['with codes beside the password', ['AuthenticationMethods publickey keyboard-interactive']],
  ])('are changed and put back %s', async (_what, config) => {
    const { host, user } = await pair({ config });
    const before = snapshot(host.home);
    await user.run({ given: ACCEPT });
    expect(keysOf(host)).toMatch(/^ssh-ed25519 \S+ \S+\n$/u);
    await user.undo();
    expect(snapshot(host.home)).toEqual(before);
  });

  it('keep the keys of others, also after a last line without an end', async () => {
    const { host, user } = await pair({ files: { '.ssh/authorized_keys': others }, keys: [] });
    const before = snapshot(host.home);
    await user.run({ given: ACCEPT });
    expect(keysOf(host).startsWith(`${others}\n`)).toBe(true);
    await user.undo();
    expect(snapshot(host.home)).toEqual(before);
  });

  it('stay links where they are links, and closed where they were too open', async () => {
    const { host, user } = await pair({ files: { 'dotfiles/keys': `${others}\n` }, keys: [] });
    const file = join(host.home, '.ssh', 'authorized_keys');
    rmSync(file);
    symlinkSync('../dotfiles/keys', file);
    chmodSync(join(host.home, 'dotfiles', 'keys'), 0o660);
    const before = snapshot(host.home);
    await user.run({ given: ACCEPT });
    expect(readlinkSync(file)).toBe('../dotfiles/keys');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    await user.undo();
    expect(snapshot(host.home)).toEqual(before);
  });

  it('are as they were after a full disk, and the error says so', async () => {
    const { host, user } = await pair({ disk: 'full', files: { '.ssh/authorized_keys': big }, keys: [] });
    const here = snapshot(user.home);
    await expect(user.run({ given: ACCEPT })).rejects.toMatchObject({
      code: 'unsafe-file',
      message: expect.stringMatching(/no space left/iu),
      hint: expect.stringMatching(/make room/iu),
    });
    expect(await fileThere(host, user)).toBe(big);
    await user.undo();
    expect(snapshot(user.home)).toEqual(here);
  });

  it('are as they were in a home that is read-only, and the error says so', async () => {
    const { host, user } = await pair({
      disk: 'read-only',
      files: { '.ssh/authorized_keys': others },
      keys: [],
    });
    const before = snapshot(host.home);
    await expect(user.run({ given: ACCEPT })).rejects.toMatchObject({
      code: 'unsafe-file',
      message: expect.stringMatching(/read-only file system/iu),
    });
    expect(snapshot(host.home)).toEqual(before);
  });

  it('in a home that others may write to are of no use until that ends: said before, done on a yes, undone', async () => {
    const { host, user } = await pair({ homeMode: 0o777 });
    const before = snapshot(host.home);
    await user.run({ given: ACCEPT });
    expect(statSync(host.home).mode & 0o777).toBe(0o755);
    expect(ssh(user, 'true')).toBe('');
    await user.undo();
    expect(snapshot(host.home)).toEqual(before);
  });

  it('are put back when the key opens nothing, with the reason', async () => {
    const { host, user } = await pair({ homeMode: 0o777 });
    const before = { here: snapshot(user.home), there: snapshot(host.home) };
    await expect(user.run({ given: { ...ACCEPT, 'key.home': false } })).rejects.toMatchObject({
      code: 'auth-failed',
      message: expect.stringContaining('StrictModes'),
      hint: expect.stringContaining('chmod go-w'),
    });
    expect(snapshot(host.home)).toEqual(before.there);
    await user.undo();
    expect(snapshot(user.home)).toEqual(before.here);
  });
});

describe('a key that was made for one host and installed on another', () => {
  it('goes with the last of them', async () => {
    const { host, user } = await pair();
    const second = await startServer();
    ends.push(() => second.stop());
    rmSync(join(second.home, '.ssh'), { recursive: true });
    appendFileSync(
      user.deps.ssh.configFile ?? '',
      `Host beta\n  HostName ${second.host}\n  Port ${second.port}\n  User ${USER}\n`,
    );
    const before = { here: snapshot(user.home), there: [host, second].map(({ home }) => snapshot(home)) };
    await user.run({ given: ACCEPT });
    await user.run({ host: 'beta', given: ACCEPT });
    expect(keysOf(second)).toBe(keysOf(host));
    await user.undo();
    expect(ssh(user, 'true', 'beta')).toBe('');
    await user.undo('beta');
    expect([host, second].map(({ home }) => snapshot(home))).toEqual(before.there);
    expect(snapshot(user.home)).toEqual(before.here);
  });
});

describe('other ways to a host', () => {
  it('dropbear', async () => {
    const { host, user } = await pair({ program: 'dropbear' });
    const before = snapshot(host.home);
    await user.run({ given: ACCEPT });
    expect(ssh(user, 'echo in').trim()).toBe('in');
    await user.undo();
    expect(snapshot(host.home)).toEqual(before);
  });

  it('through a jump host that asks for its own password', async () => {
    const gate = await startServer();
    ends.push(() => gate.stop());
    const { host, user } = await pair({}, { config: ['ProxyJump gate'] });
    appendFileSync(
      user.deps.ssh.configFile ?? '',
      `Host gate\n  HostName ${gate.host}\n  Port ${gate.port}\n  User ${USER}\n  ProxyJump none\n`,
    );
    mkdirSync(join(user.home, '.ssh'), { mode: 0o700 });
    writeFileSync(join(user.home, '.ssh', 'known_hosts'), `[${gate.host}]:${gate.port} ${gate.hostKey}\n`);
    const before = { here: snapshot(user.home), there: snapshot(host.home) };
    const { outcomes } = await user.run({ given: ACCEPT });
    expect(outcomes.get('key')?.how).toBe('done');
    expect(user.asked).toEqual(['password', 'password']);
    await user.undo();
    expect(snapshot(host.home)).toEqual(before.there);
    expect(snapshot(user.home)).toEqual(before.here);
  });
});

describe('a server that takes no keys', () => {
  const config = ['PubkeyAuthentication no'];

  it('is said to, and without a keyring that is the end of it', async () => {
    const { user } = await pair({ config });
    await expect(user.run({ given: ACCEPT })).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('takes no keys'),
    });
  });

  it('has its password kept on a yes, and only then; undo takes it out', async () => {
    const kept = new Map<string, string>();
    const { user } = await pair({ config }, { secrets: keyring(kept) });
    const no = await user.run({ given: ACCEPT });
    expect(no.outcomes.get('key')?.how).toBe('declined');
    expect(kept.size).toBe(0);
    await user.run({ given: { ...ACCEPT, 'key.keyring': true } });
    expect([...kept.values()]).toEqual([PASSWORD]);
    await user.undo();
    expect(kept.size).toBe(0);
  });
});
