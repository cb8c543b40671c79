/**
 * A real OpenSSH sshd on a free loopback port, run as the current user, with its own host keys,
 * authorised key, known_hosts and ssh_config: nothing of the developer's ~/.ssh is read.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshEnvironment } from '../../../src/ssh/ssh-config.ts';

export interface SshdOptions {
  /** Lines for sshd_config; the first mention of a keyword wins, so these go first. */
  readonly config?: readonly string[];
  /** Told the folder with the host keys (`host_ed25519.pub`) before it starts: further lines for sshd_config. */
  readonly prepare?: (dir: string) => readonly string[];
  /** Address; default 127.0.0.1. */
  readonly listen?: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly hostKeys?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
  /** Runs commands by this shell, whatever the user's login shell is. */
  readonly shell?: string;
  /** Further variables of sessions. */
  readonly env?: Readonly<Record<string, string>>;
  /** File of serverHome that is shown before the login. */
  readonly banner?: string;
  /** Files of the home folder that sessions see (`.bashrc`): path → text. */
  readonly serverHome?: Readonly<Record<string, string>>;
}

export interface Sshd {
  readonly port: number;
  readonly host: string;
  readonly dir: string;
  /** Home folder of the client side. */
  readonly home: string;
  readonly keyFile: string;
  readonly knownHosts: string;
  readonly pid: number;
  readonly environment: SshEnvironment;
  /** Public key line (`type base64`) of a host key. */
  hostKey(type: 'ed25519' | 'ecdsa' | 'rsa'): string;
  /** Replaces the client's known_hosts. */
  know(lines: readonly string[]): void;
  /** Further lines for the client's ssh_config (before the defaults). */
  configure(lines: readonly string[]): void;
  /** Pids of the processes that serve connections. */
  children(): number[];
  log(): string;
  stop(): Promise<void>;
}

export function freePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

export function keygen(file: string, type: string, passphrase = '', comment = 'rig'): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', comment, '-f', file]);
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const dir = mkdtempSync(join(tmpdir(), 'hd-sshd-'));
  chmodSync(dir, 0o755);
  const home = join(dir, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  const keyFile = join(home, '.ssh', 'id_ed25519');
  keygen(keyFile, 'ed25519');
  const hostKeys = options.hostKeys ?? ['ed25519'];
  for (const type of hostKeys) keygen(join(dir, `host_${type}`), type);
  const prepared = options.prepare?.(dir) ?? [];
  const authorized = join(dir, 'authorized_keys');
  writeFileSync(authorized, readFileSync(`${keyFile}.pub`), { mode: 0o600 });
  // The privilege separation folder of sshd(8), which no init script has made in a container.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const host = options.listen ?? '127.0.0.1';
  const logFile = join(dir, 'sshd.log');
  const config = join(dir, 'sshd_config');
  const serverHome = join(dir, 'server-home');
  mkdirSync(join(serverHome, '.config', 'fish'), { recursive: true });
  for (const [path, text] of Object.entries(options.serverHome ?? {}))
    writeFileSync(join(serverHome, path), text);
  const configFor = (port: number) =>
    [
      ...(options.config ?? []),
      ...prepared,
      ...(options.shell ? [`ForceCommand exec ${options.shell} -c "$SSH_ORIGINAL_COMMAND"`] : []),
      ...(options.banner ? [`Banner ${join(serverHome, options.banner)}`] : []),
      // One line: sshd takes no second SetEnv.
      `SetEnv HOME=${serverHome}${Object.entries(options.env ?? {})
        .map(([name, value]) => ` ${name}=${value}`)
        .join('')}`,
      `ListenAddress ${host.includes(':') ? `[${host}]` : host}:${port}`,
      ...hostKeys.map((type) => `HostKey ${join(dir, `host_${type}`)}`),
      `AuthorizedKeysFile ${authorized}`,
      `PidFile ${join(dir, 'sshd.pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'LogLevel VERBOSE',
      'PrintMotd no',
      'UseDNS no',
      'MaxStartups 100',
      'Subsystem sftp internal-sftp',
    ].join('\n');
  const { child, port } = await launch(async () => {
    const candidate = options.port ?? (await freePort(host));
    writeFileSync(config, configFor(candidate));
    const started = spawn('/usr/sbin/sshd', ['-D', '-f', config, '-E', logFile], { stdio: 'ignore' });
    return { child: started, port: candidate, up: await isUp(host, candidate, started, logFile) };
  }).catch((error: unknown) => {
    const said = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
    rmSync(dir, { recursive: true, force: true });
    throw new Error(`sshd did not start: ${said}`, { cause: error });
  });
  const pid = child.pid ?? 0;

  const knownHosts = join(home, '.ssh', 'known_hosts');
  const clientConfig = join(home, '.ssh', 'config');
  const hostKey = (type: string) =>
    readFileSync(join(dir, `host_${type}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  const configure = (lines: readonly string[]) =>
    writeFileSync(
      clientConfig,
      [
        ...lines,
        'Host *',
        `  User ${userInfo().username}`,
        `  UserKnownHostsFile ${knownHosts}`,
        '  GlobalKnownHostsFile none',
        `  IdentityFile ${keyFile}`,
        '',
      ].join('\n'),
    );
  configure([]);
  const know = (lines: readonly string[]) => writeFileSync(knownHosts, `${lines.join('\n')}\n`);
  know([`[${host}]:${port} ${hostKey(hostKeys[0] ?? 'ed25519')}`]);

  return {
    port,
    host,
    dir,
    home,
    keyFile,
    knownHosts,
    pid,
    environment: { configFile: clientConfig, home, env: { PATH: process.env.PATH } },
    hostKey,
    know,
    configure,
    children: () => descendants(pid),
    log: () => readFileSync(logFile, 'utf8'),
    stop: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      const family = descendants(pid);
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await exited;
      signalAll(family, 'SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Signals each; one that has ended already is passed over. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

/** Children of `pid`, theirs, and so on. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/u.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // Ended while we looked.
    }
  }
  const found = [pid];
  for (const parent of found) {
    for (const [child, of] of parents) if (of === parent) found.push(child);
  }
  return found.slice(1);
}

/** A few tries, since somebody else may take a free port first. */
async function launch<T extends { child: ChildProcess; up: boolean }>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 3; tries > 0; tries -= 1) {
    const result = await attempt();
    if (result.up) return result;
    result.child.kill();
  }
  throw new Error('no attempt succeeded');
}

/** Listening, and it is this sshd that does. */
async function isUp(host: string, port: number, child: ChildProcess, logFile: string): Promise<boolean> {
  const said = () => existsSync(logFile) && readFileSync(logFile, 'utf8').includes(`port ${port}.`);
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  await until(() => said() || ended(), 'sshd says that it listens').catch(() => {});
  if (ended() || !said()) return false;
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Resolves when `condition` holds; throws with `what` after `ms`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  ms = 10_000,
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
