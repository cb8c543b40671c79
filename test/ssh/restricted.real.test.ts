/** Servers that allow less, or say more, than one would like. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { createPool, type Pool, type PoolDeps } from '../../src/ssh/ssh.ts';
import { type Sshd, type SshdOptions, startSshd, until } from '../rigs/sshd/sshd.ts';

let sshd: Sshd | undefined;
let pool: Pool | undefined;
const servers: Server[] = [];
const folders: string[] = [];

async function connectTo(options: SshdOptions, deps: PoolDeps = {}) {
  sshd = await startSshd(options);
  pool = createPool({ ...sshd.environment, ...deps });
  return pool.connect({ name: sshd.host, port: sshd.port });
}

/** Echoes; `path` or a free port. */
async function startEcho(path?: string): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket));
  servers.push(server);
  await new Promise<void>((resolve) =>
    path ? server.listen(path, resolve) : server.listen(0, '127.0.0.1', resolve),
  );
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** What OpenSSH's own client shows of a command. */
function plainSsh(command: string): string {
  if (!sshd) throw new Error('no sshd');
  const args = ['-F', sshd.environment.configFile ?? '', '-p', String(sshd.port), sshd.host, command];
  return execFileSync('ssh', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
}

afterEach(async () => {
  await pool?.close();
  await sshd?.stop();
  for (const server of servers.splice(0)) server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  pool = undefined;
  sshd = undefined;
});

describe('without forwarding', () => {
  const programs = ['python3', 'socat'] as const;

  /** A PATH on which there is this program alone. */
  function pathWith(program: string): string {
    const dir = mkdtempSync(join(tmpdir(), 'hd-path-'));
    folders.push(dir);
    // python3 by its real place: what is on the PATH may be a script that wants more of it.
    const real =
      program === 'python3' ? '/usr/bin/python3' : execFileSync('which', [program]).toString().trim();
    symlinkSync(real, join(dir, program));
    return dir;
  }

  describe.each(programs)('by %s', (program) => {
    const restricted = () => ({
      config: ['AllowStreamLocalForwarding no', 'AllowTcpForwarding no'],
      env: { PATH: pathWith(program) },
    });

    test('all comes through, and this side can end first', async () => {
      const connection = await connectTo(restricted());
      const path = join(sshd?.dir ?? '', 'echo.sock');
      await startEcho(path);
      const sent = randomBytes(3_000_000);
      const stream = await connection.open({ kind: 'unix', path });
      stream.end(sent);
      expect((await buffer(stream)).equals(sent)).toBe(true);
    });

    test('the far side can end first', async () => {
      const connection = await connectTo(restricted());
      const path = join(sshd?.dir ?? '', 'brief.sock');
      const server = createServer((socket) => socket.on('error', () => {}).end('bye'));
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(path, resolve));
      const stream = await connection.open({ kind: 'unix', path });
      expect(await text(stream)).toBe('bye');
      stream.end();
    });
  });

  test('relays to a path that would mean something in a socat address', async () => {
    const connection = await connectTo({ config: ['AllowStreamLocalForwarding no'] });
    const path = join(sshd?.dir ?? '', "e,c:h o!'.sock");
    await startEcho(path);
    const stream = await connection.open({ kind: 'unix', path });
    stream.end('hi');
    expect(await text(stream)).toBe('hi');
  });

  test('relays a port', async () => {
    const connection = await connectTo({ config: ['AllowTcpForwarding no'] });
    const port = await startEcho();
    for (const word of ['one', 'two']) {
      const stream = await connection.open({ kind: 'tcp', host: '127.0.0.1', port });
      stream.end(word);
      expect(await text(stream)).toBe(word);
    }
  });

  test('says when nobody answers, and when there is no program to relay', async () => {
    const connection = await connectTo({ config: ['AllowStreamLocalForwarding no'] });
    await expect(connection.open({ kind: 'unix', path: '/nonexistent.sock' })).rejects.toMatchObject({
      code: 'connection-refused',
      message: expect.stringContaining('No such file'),
    });
    await pool?.close();
    await sshd?.stop();
    const bare = await connectTo({
      config: ['AllowStreamLocalForwarding no'],
      env: { PATH: '/nonexistent' },
    });
    const refused = expect(bare.open({ kind: 'unix', path: '/nonexistent.sock' })).rejects;
    await refused.toMatchObject({ code: 'forward-refused', hint: expect.stringContaining('socat') });
  });

  test('takes a relay of the caller first', async () => {
    const relay = {
      program: 'sh',
      argv: () => ['sh', '-c', 'echo "hotdesk-relay: connected" >&2; echo mine'],
    };
    const connection = await connectTo({ config: ['AllowStreamLocalForwarding no'] }, { relays: [relay] });
    const stream = await connection.open({ kind: 'unix', path: '/x' });
    expect(await text(stream)).toBe('mine\n');
  });
});

describe('noise', () => {
  const noise = "echo 'Welcome, ☃!'; echo oops >&2";
  const rc = {
    '.bashrc': `${noise}\nset -v -x\n`,
    '.zshenv': noise,
    '.tcshrc': `${noise.replace(' >&2', '')}\nset echo\nset verbose`,
    '.cshrc': `${noise.replace(' >&2', '')}`,
    '.config/fish/config.fish': noise,
  };

  test.each(['bash', 'zsh', 'tcsh', 'csh', 'fish'])(
    'of %s leaves results and terminals as they are',
    async (shell) => {
      const connection = await connectTo({ shell: `/usr/bin/${shell}`, serverHome: rc });
      expect(plainSsh('true')).toContain('Welcome');
      const echoed = await connection.exec(['sh', '-c', "printf 'a\\0b\\377'; echo err >&2"]);
      expect(echoed.stdout).toEqual(Buffer.from('a\0b\xff', 'latin1'));
      expect(echoed.stderr.toString()).toBe('err\n');
      const terminal = await connection.pty(['echo', 'hi'], { columns: 80, rows: 24, term: 'xterm' });
      expect(await text(terminal.stream)).toBe('hi\r\n');
    },
  );

  test('that is thrown away before sshd has read it takes no terminal along, which echoes as ever', async () => {
    // An sshd that is busy elsewhere, and a program that takes over the terminal as tmux does.
    const busy = 'kill -STOP $PPID; (sleep 0.7; kill -CONT $PPID) >/dev/null 2>&1 </dev/null &';
    const flush = 'tcflush(1, TCOFLUSH); $| = 1; print "ready\\n"; print "got ", scalar <STDIN>;';
    const connection = await connectTo({ shell: '/bin/bash', serverHome: { '.bashrc': busy } });
    const argv = ['perl', '-MPOSIX=:termios_h', '-e', flush];
    const terminal = await connection.pty(argv, { columns: 80, rows: 24, term: 'xterm' });
    let said = '';
    terminal.stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said === 'ready\r\n') terminal.stream.write('typed\r');
    });
    await new Promise((resolve) => terminal.stream.once('end', resolve));
    expect(said).toBe('ready\r\ntyped\r\ngot typed\r\n');
  });

  test('of 200 kB, and a banner of 100 kB, are passed over', async () => {
    const shout = `i=0; while [ $i -lt 3000 ]; do echo "${'noise '.repeat(10)}"; i=$((i+1)); done`;
    const serverHome = { '.bashrc': shout, banner: 'All is logged.\n'.repeat(7000) };
    const connection = await connectTo({ serverHome, shell: '/bin/bash', banner: 'banner' });
    expect((await connection.exec(['echo', 'done'])).stdout.toString()).toBe('done\n');
  });

  test('a banner too long for a cipher of ssh2 is named as what stands in the way', async () => {
    const connecting = connectTo({
      config: ['Ciphers aes128-ctr'],
      serverHome: { banner: 'All is logged.\n'.repeat(7000) },
      banner: 'banner',
    });
    await expect(connecting).rejects.toMatchObject({
      code: 'protocol-error',
      hint: expect.stringContaining('Banner'),
    });
  });
});

describe('no shell', () => {
  test.each([
    ['nologin', ['ForceCommand /usr/sbin/nologin'], 'not available'],
    ['a forced command', ['ForceCommand echo only this'], 'only this'],
  ])('%s: the error repeats what the host said', async (_what, config, said) => {
    const connection = await connectTo({ config });
    await expect(connection.exec(['true'])).rejects.toMatchObject({
      code: 'command-failed',
      message: expect.stringContaining(said),
    });
    await expect(connection.pty(['true'], { columns: 80, rows: 24, term: 'xterm' })).rejects.toMatchObject({
      code: 'command-failed',
      message: expect.stringContaining(said),
    });
  });
});

describe('MaxSessions', () => {
  test('1: commands at the same time go over further connections or wait', async () => {
    const connection = await connectTo({ config: ['MaxSessions 1'] });
    const runs = Array.from({ length: 7 }, (_, i) => connection.exec(['sh', '-c', `sleep 0.3; echo ${i}`]));
    const results = await Promise.all(runs);
    expect(results.map((r) => r.stdout.toString())).toEqual(runs.map((_, i) => `${i}\n`));
  });

  test('1: a command that takes too long is ended all the same', async () => {
    const connection = await connectTo({ config: ['MaxSessions 1'] });
    const run = connection.exec(['sh', '-c', 'sleep 61 & wait'], { timeoutMs: 300 });
    await expect(run).rejects.toMatchObject({ code: 'timeout' });
    const sleeping = () => execFileSync('ps', ['-eo', 'args']).toString().includes('sleep 61');
    await until(() => !sleeping(), 'the command and its child have ended');
  });

  test('1: further connections that die while they are idle are made anew', async () => {
    const connection = await connectTo({ config: ['MaxSessions 1'] });
    const both = () =>
      Promise.all(['a', 'b'].map((word) => connection.exec(['sh', '-c', `sleep 0.5; echo ${word}`])));
    const logins = () => sshd?.log().match(/Accepted publickey/gu)?.length;
    const before = sshd?.children() ?? [];
    await both();
    expect(logins()).toBe(2);
    const spares = () => sshd?.children().filter((pid) => !before.includes(pid)) ?? [];
    for (const pid of spares()) process.kill(pid, 'SIGKILL');
    await until(() => spares().length === 0, 'it is dead');
    const results = await both();
    expect(results.map(({ stdout }) => stdout.toString())).toEqual(['a\n', 'b\n']);
    expect(logins()).toBe(3);
    expect(connection.isOpen).toBe(true);
  });

  test('0: is said', async () => {
    const connection = await connectTo({ config: ['MaxSessions 0'] });
    await expect(connection.exec(['true'])).rejects.toMatchObject({
      code: 'limit-exceeded',
      hint: expect.stringContaining('MaxSessions'),
    });
  });
});
