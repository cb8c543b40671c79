/**
 * A real SSH server on a free loopback port, in namespaces of its own: it sees an /etc with one user,
 * and that user's home, and ends with all of its sessions when the test does. Needs root.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificateOptions, newAuthority } from '../authority.ts';
import { freePort } from '../sshd/sshd.ts';
import { until } from '../until.ts';
import { type AccountOptions, expire, USER, writeAccount } from './account.ts';

export interface ServerOptions extends Omit<AccountOptions, 'keys'> {
  /** Default: OpenSSH. */
  readonly program?: 'openssh' | 'dropbear';
  /** Lines of sshd_config, in the place of the usual ones. */
  readonly config?: readonly string[];
  /** Further arguments of dropbear. */
  readonly arguments?: readonly string[];
  /** Shown before the login. */
  readonly banner?: string;
  /** What is special about the disk that holds the user's home. */
  readonly disk?: 'read-only' | 'full';
  /** Its host key is certified by an authority of its own, of this type: `authority.pub` in its folder. */
  readonly certified?: CertificateOptions & { readonly type?: string };
  /** Address; default 127.0.0.1. */
  readonly listen?: string;
  /** Lines of authorized_keys; default: the client's key. */
  readonly keys?: readonly string[];
}

export interface Server {
  readonly host: string;
  readonly port: number;
  /** As the server's processes see the user's home. */
  readonly home: string;
  /** Holds `key` and `key.pub` (the client's), `host.pub`, and what the options ask for. */
  readonly dir: string;
  /** `type base64` of the host key. */
  readonly hostKey: string;
  readonly keyFile: string;
  /** Of the process that holds its namespaces: the server is its child. */
  readonly pid: number;
  /** Has the password expire. */
  expire(): void;
  /** What it logged. */
  log(): string;
  stop(): Promise<void>;
}

/** Pid 1 of the namespaces. $1: folder, $2: what is special about the disk; the rest is the server. */
const INIT = `
set -e
dir=$1 disk=$2
shift 2
cp -a /etc/ld.so.cache /etc/login.defs /etc/alternatives "$dir/etc/"
mount --bind "$dir/etc" /etc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
# In a user namespace the set-user-ID bit means something on files of its own root alone.
cp /usr/bin/passwd /run/passwd
chmod 4755 /run/passwd
mount --bind /run/passwd /usr/bin/passwd
case $disk in
full)
  mount -t tmpfs -o mode=755,size=64k tmpfs /mnt
  cp -a "$dir/home/." /mnt/
  cat /dev/zero >/mnt/${USER}/ballast 2>/dev/null || :
  mount --move /mnt /home ;;
read-only)
  mount --bind "$dir/home" /home
  mount -o remount,bind,ro /home ;;
*) mount --bind "$dir/home" /home ;;
esac
exec "$@"
`;
/** What OpenSSH, and dropbear, say once they listen. */
const LISTENS = /Server listening on|Not backgrounding/u;
const NAMESPACES = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];

const DEFAULTS = [
  'PidFile none',
  'UsePAM yes',
  'PasswordAuthentication yes',
  'KbdInteractiveAuthentication yes',
  'LogLevel VERBOSE',
  'PrintMotd no',
  'PrintLastLog no',
  'UseDNS no',
  'MaxStartups 100',
  'Subsystem sftp internal-sftp',
];
/** OpenSSH 9.8 and later: all clients here have the same address. */
const NO_PENALTIES = 'PerSourcePenalties no';

/** Starts it, and waits until it listens. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const dir = mkdtempSync(join(tmpdir(), 'hd-server-'));
  chmodSync(dir, 0o755);
  try {
    return await startIn(dir, options);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(dir: string, options: ServerOptions): Promise<Server> {
  const keyFile = join(dir, 'key');
  keygen(keyFile);
  writeAccount(dir, { ...options, keys: options.keys ?? [readFileSync(`${keyFile}.pub`, 'utf8').trim()] });
  const isDropbear = options.program === 'dropbear';
  keygen(join(dir, 'host'));
  if (options.certified) {
    newAuthority(dir, 'authority', options.certified.type).certify(join(dir, 'host.pub'), options.certified);
  }
  const host = options.listen ?? '127.0.0.1';
  for (let tries = 3; ; tries -= 1) {
    const port = await freePort(host);
    const child = spawn(
      'unshare',
      [
        ...NAMESPACES,
        ...['sh', '-c', INIT, 'init', dir, options.disk ?? ''],
        ...(isDropbear ? dropbear(dir, host, port, options) : openssh(dir, host, port, options)),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const said: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    const log = () => Buffer.concat(said).toString();
    const ended = () => child.exitCode !== null || child.signalCode !== null;
    await until('the server listens', () => ended() || LISTENS.test(log()));
    // Somebody else may have taken the port.
    if (ended() && tries > 1) continue;
    if (ended()) throw new Error(`the server did not start: ${log()}`);
    const [type, blob] = readFileSync(join(dir, 'host.pub'), 'utf8').split(' ');
    return {
      host,
      port,
      dir,
      keyFile,
      pid: child.pid ?? 0,
      home: join(dir, 'home', USER),
      hostKey: `${type} ${blob}`,
      expire: () => expire(dir),
      log,
      stop: () => stop(child, dir),
    };
  }
}

async function stop(child: ChildProcess, dir: string): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  // With pid 1 of a namespace all of it ends.
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await exited;
  rmSync(dir, { recursive: true, force: true });
}

function openssh(dir: string, host: string, port: number, options: ServerOptions): string[] {
  const banner = join(dir, 'banner');
  if (options.banner !== undefined) writeFileSync(banner, options.banner);
  const config = join(dir, 'sshd_config');
  const given = [
    ...(options.config ?? []),
    ...(options.banner === undefined ? [] : [`Banner ${banner}`]),
    ...(options.certified ? [`HostCertificate ${join(dir, 'host-cert.pub')}`] : []),
    `ListenAddress ${host.includes(':') ? `[${host}]` : host}:${port}`,
    `HostKey ${join(dir, 'host')}`,
  ];
  // Of some keywords sshd takes the first mention, of others the last one.
  const isGiven = (line: string) => given.some((other) => other.split(' ')[0] === line.split(' ')[0]);
  const lines = [
    ...given,
    ...DEFAULTS.filter((line) => !isGiven(line)),
    ...(hasPenalties() ? [NO_PENALTIES] : []),
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  return ['/usr/sbin/sshd', '-D', '-e', '-f', config];
}

let penalties: boolean | undefined;

/** Whether this sshd knows PerSourcePenalties. */
function hasPenalties(): boolean {
  penalties ??= !spawnSync('/usr/sbin/sshd', ['-T', '-o', NO_PENALTIES.replace(' ', '=')])
    .stderr.toString()
    .includes('PerSourcePenalties');
  return penalties;
}

function dropbear(dir: string, host: string, port: number, options: ServerOptions): string[] {
  const hostKey = join(dir, 'host.dropbear');
  execFileSync('dropbearconvert', ['openssh', 'dropbear', join(dir, 'host'), hostKey], { stdio: 'ignore' });
  const further = options.arguments ?? [];
  return [
    'dropbear',
    '-F',
    '-E',
    '-r',
    hostKey,
    '-p',
    `${host}:${port}`,
    '-P',
    '/run/dropbear.pid',
    ...further,
  ];
}

function keygen(file: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'rig', '-f', file]);
}
