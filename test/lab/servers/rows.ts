/** The servers that hotdesk is to get along with, and how each way to log in ends. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ErrorCode } from '../../../src/kernel/errors.ts';
import { PAM_TWO_PROMPTS } from '../../rigs/servers/account.ts';
import { knownAs } from '../../rigs/servers/client.ts';
import {
  hangsUp,
  inMidAuth,
  saysNothing,
  sendsGarbage,
  speaksHttp,
  stallsAfterBanner,
} from '../../rigs/servers/fakes.ts';
import {
  type Reach,
  reachBusy,
  reachFake,
  reachLinkLocal,
  reachServer,
  reachThrough,
} from '../../rigs/servers/reach.ts';
import type { Server, ServerOptions } from '../../rigs/servers/server.ts';

export const METHODS = ['publickey', 'password', 'keyboard-interactive'] as const;
export type Method = (typeof METHODS)[number];

/** What is tried once somebody is in. */
export type Probe = 'command' | 'terminal' | 'unix' | 'tcp' | 'sessions' | 'sftp' | 'keys';

export type LoginOutcome = 'in' | ErrorCode;
export type ProbeOutcome = 'works' | ErrorCode;

export interface Row {
  /** As the table in docs/security.md calls it. */
  readonly name: string;
  start(): Promise<Reach>;
  /** Further lines of the client's ssh_config. */
  readonly config?: readonly string[];
  /** The client's known_hosts; default: the host key under the server's address and port. */
  known?(reach: Reach): readonly string[];
  /** Methods that go before the one of the cell. */
  readonly before?: Method;
  /** What the person types; default: the right one. */
  readonly password?: string;
  readonly expect: Readonly<Record<Method, LoginOutcome>>;
  /** What is tried by those who are in; default: a command, and that works. */
  readonly afterwards?: Readonly<
    Partial<Record<Probe, ProbeOutcome | Readonly<Record<Method, ProbeOutcome>>>>
  >;
  /** The ways to log in are tried at once; default: one after the other, but for what is no real server. */
  readonly atOnce?: true;
  /** ssh itself is to judge the host key as we do. */
  readonly asSsh?: true;
  /** How long a login may take; default 30 s. */
  readonly withinMs?: number;
}

const openssh = (options: ServerOptions = {}) => ({ start: () => reachServer(options) });
const dropbear = (...args: string[]) => openssh({ program: 'dropbear', arguments: args });

const all = (outcome: LoginOutcome) => ({
  expect: { publickey: outcome, password: outcome, 'keyboard-interactive': outcome },
});
const only = (...methods: Method[]) => ({
  expect: {
    publickey: methods.includes('publickey') ? 'in' : 'auth-failed',
    password: methods.includes('password') ? 'in' : 'auth-failed',
    'keyboard-interactive': methods.includes('keyboard-interactive') ? 'in' : 'auth-failed',
  } as const,
});
const everything = {
  command: 'works',
  terminal: 'works',
  unix: 'works',
  tcp: 'works',
  sessions: 'works',
  sftp: 'works',
  keys: 'works',
} as const;
const noSftp = { ...everything, sftp: 'not-supported' } as const;
const noCommands = { command: 'command-failed', terminal: 'command-failed' } as const;

/** A key that is not the server's. */
function anotherKey(): string {
  const dir = mkdtempSync(join(tmpdir(), 'hd-key-'));
  try {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, 'key')]);
    return readFileSync(join(dir, 'key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The lines as `ssh-keygen -H` leaves them. */
function hashed(lines: readonly string[]): readonly string[] {
  const dir = mkdtempSync(join(tmpdir(), 'hd-hash-'));
  try {
    const file = join(dir, 'known_hosts');
    writeFileSync(file, `${lines.join('\n')}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    return readFileSync(file, 'utf8').trim().split('\n');
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const authorityOf = (server: Pick<Server, 'dir'> | undefined) =>
  readFileSync(join(server?.dir ?? '', 'authority.pub'), 'utf8')
    .split(' ')
    .slice(0, 2)
    .join(' ');
const authorised = (reach: Reach) => `@cert-authority *.lab ${authorityOf(reach.server)}`;

/** A server that is alpha.lab to the client, with a certificate. */
const certified = (options: ServerOptions['certified'] = {}) => ({
  ...openssh({ certified: { names: ['alpha.lab'], ...options } }),
  config: ['HostKeyAlias alpha.lab'],
  known: (reach: Reach) => [authorised(reach)],
  asSsh: true as const,
});

export const ROWS: readonly Row[] = [
  {
    name: 'as Debian sets it up (PAM, all methods)',
    ...openssh(),
    ...all('in'),
    afterwards: everything,
  },
  // How one may log in.
  {
    name: 'password only',
    ...openssh({ config: ['PubkeyAuthentication no', 'KbdInteractiveAuthentication no'] }),
    ...only('password'),
  },
  {
    name: 'password only, without PAM',
    ...openssh({ config: ['UsePAM no', 'PubkeyAuthentication no', 'KbdInteractiveAuthentication no'] }),
    ...only('password'),
  },
  {
    name: 'keyboard-interactive by PAM',
    ...openssh({ config: ['PubkeyAuthentication no', 'PasswordAuthentication no'] }),
    ...only('keyboard-interactive'),
  },
  {
    name: 'PAM with two prompts: password and one-time code',
    ...openssh({ config: ['PubkeyAuthentication no', 'PasswordAuthentication no'], pam: PAM_TWO_PROMPTS }),
    ...only('keyboard-interactive'),
  },
  {
    name: 'a key and then the password (AuthenticationMethods)',
    ...openssh({ config: ['AuthenticationMethods publickey,password publickey,keyboard-interactive'] }),
    before: 'publickey',
    ...only('password', 'keyboard-interactive'),
  },
  {
    name: 'publickey only',
    ...openssh({ config: ['PasswordAuthentication no', 'KbdInteractiveAuthentication no'] }),
    ...only('publickey'),
  },
  {
    name: 'a wrong password',
    ...openssh(),
    password: 'open barley',
    ...only('publickey'),
  },
  {
    name: 'password expired (PAM)',
    ...openssh({ expired: true }),
    ...all('in'),
    // Only its own questions let PAM have the password changed in the login itself.
    afterwards: {
      command: { publickey: 'auth-failed', password: 'auth-failed', 'keyboard-interactive': 'works' },
    },
  },
  {
    name: 'password expired, without PAM',
    ...openssh({ expired: true, config: ['UsePAM no'] }),
    ...only('publickey', 'password'),
    afterwards: {
      command: { publickey: 'works', password: 'auth-failed', 'keyboard-interactive': 'works' },
    },
  },
  {
    name: 'MaxAuthTries 1',
    ...openssh({ config: ['MaxAuthTries 1'] }),
    ...all('in'),
  },
  // Host keys.
  {
    name: 'changed host key',
    ...openssh(),
    known: (reach) => [knownAs({ ...reach, hostKey: anotherKey() })],
    asSsh: true,
    ...all('host-key-changed'),
  },
  { name: 'unknown host key', ...openssh(), known: () => [], asSsh: true, ...all('host-key-unknown') },
  {
    name: 'hashed known_hosts',
    ...openssh(),
    known: (reach) => hashed([knownAs(reach)]),
    asSsh: true,
    ...all('in'),
  },
  {
    name: '`[host]:port` in known_hosts, and another key under the bare name',
    ...openssh(),
    known: (reach) => [`${reach.host} ${anotherKey()}`, knownAs(reach)],
    asSsh: true,
    ...all('in'),
  },
  {
    name: '`@revoked`',
    ...openssh(),
    known: (reach) => [knownAs(reach), `@revoked * ${reach.hostKey}`],
    asSsh: true,
    ...all('host-key-revoked'),
  },
  { name: '`@cert-authority`', ...certified(), ...all('in'), afterwards: everything },
  { name: '`@cert-authority` by RSA', ...certified({ type: 'rsa' }), ...all('in') },
  {
    name: '`@cert-authority`, for a jump host too',
    start: () => reachThrough(1, { certified: { names: ['127.0.0.1'] } }),
    known: (reach) =>
      [...reach.jumps, reach.server].map((server) => `@cert-authority 127.0.0.* ${authorityOf(server)}`),
    asSsh: true,
    ...all('in'),
  },
  {
    name: 'a certificate that has expired',
    ...certified({ valid: '20200101:20200102' }),
    ...all('host-key-unknown'),
  },
  {
    name: 'a certificate that has expired, and the key is known',
    ...certified({ valid: '20200101:20200102' }),
    known: (reach) => [authorised(reach), `alpha.lab ${reach.hostKey}`],
    ...all('in'),
  },
  {
    name: 'a certificate that has expired, and another key is known',
    ...certified({ valid: '20200101:20200102' }),
    known: (reach) => [authorised(reach), `alpha.lab ${anotherKey()}`],
    ...all('host-key-changed'),
  },
  {
    name: 'a certificate of another host',
    ...certified({ names: ['beta.lab'] }),
    ...all('host-key-unknown'),
  },
  { name: 'a certificate for a user', ...certified({ user: true }), ...all('host-key-unknown') },
  {
    name: 'a certificate that names no host',
    start: () => reachServer({ certified: {} }),
    config: ['HostKeyAlias alpha.lab'],
    // ssh lets it in before OpenSSH 10.3.
    known: (reach) => [authorised(reach)],
    ...all('host-key-unknown'),
  },
  {
    name: 'a certificate by an unknown authority',
    ...certified(),
    known: () => [`@cert-authority *.lab ${anotherKey()}`],
    ...all('host-key-unknown'),
  },
  {
    name: '`@cert-authority`, and no certificate',
    ...openssh(),
    config: ['HostKeyAlias alpha.lab'],
    known: () => [`@cert-authority *.lab ${anotherKey()}`],
    asSsh: true,
    ...all('host-key-unknown'),
  },
  {
    name: 'a `@revoked` authority',
    ...certified(),
    known: (reach) => [authorised(reach), `@revoked * ${authorityOf(reach.server)}`],
    ...all('host-key-revoked'),
  },
  {
    name: 'a certificate of a `@revoked` key',
    ...certified(),
    known: (reach) => [authorised(reach), `@revoked * ${reach.hostKey}`],
    ...all('host-key-revoked'),
  },
  // What one may do then.
  {
    name: 'AllowStreamLocalForwarding no',
    ...openssh({ config: ['AllowStreamLocalForwarding no'] }),
    ...all('in'),
    afterwards: everything,
  },
  {
    name: 'AllowTcpForwarding no',
    ...openssh({ config: ['AllowTcpForwarding no'] }),
    ...all('in'),
    afterwards: everything,
  },
  { name: 'MaxSessions 1', ...openssh({ config: ['MaxSessions 1'] }), ...all('in'), afterwards: everything },
  {
    name: 'ForceCommand internal-sftp',
    ...openssh({ config: ['ForceCommand internal-sftp'] }),
    ...all('in'),
    afterwards: { command: 'command-failed', sftp: 'works' },
  },
  {
    name: 'no SFTP subsystem',
    ...openssh({ config: ['Subsystem nothing /bin/false'] }),
    ...all('in'),
    afterwards: noSftp,
  },
  {
    name: 'PermitTTY no',
    ...openssh({ config: ['PermitTTY no'] }),
    ...all('in'),
    afterwards: { command: 'works', terminal: 'command-failed' },
  },
  // The account.
  ...['fish', 'tcsh', 'zsh'].map((shell) => ({
    name: `login shell ${shell}`,
    ...openssh({ shell: `/usr/bin/${shell}` }),
    ...all('in'),
    afterwards: everything,
  })),
  {
    name: 'login shell nologin',
    ...openssh({ shell: '/usr/sbin/nologin' }),
    ...all('in'),
    afterwards: noCommands,
  },
  {
    name: 'noisy .bashrc',
    ...openssh({ files: { '.bashrc': "echo 'Welcome, ☃!'; echo oops >&2; set -v -x\n" } }),
    ...all('in'),
    afterwards: everything,
  },
  {
    name: 'home folder on a read-only disk',
    ...openssh({ disk: 'read-only' }),
    ...all('in'),
    afterwards: everything,
  },
  { name: 'home folder on a full disk', ...openssh({ disk: 'full' }), ...all('in'), afterwards: everything },
  {
    name: 'home folder writable by all (StrictModes)',
    ...openssh({ homeMode: 0o777 }),
    ...only('password', 'keyboard-interactive'),
    afterwards: { command: 'works', keys: 'auth-failed' },
  },
  // The way there.
  { name: 'behind a jump host', start: () => reachThrough(1), ...all('in'), afterwards: everything },
  { name: 'behind two jump hosts', start: () => reachThrough(2), ...all('in') },
  { name: 'IPv6 link-local address', start: reachLinkLocal, ...all('in') },
  // Servers that are none, or not well.
  { name: 'a banner of 100 kB', ...openssh({ banner: 'All is logged.\n'.repeat(7000) }), ...all('in') },
  { name: 'a banner of 30 kB', ...openssh({ banner: 'All is logged.\n'.repeat(2000) }), ...all('in') },
  { name: 'stalls after it has named itself', start: () => reachFake(stallsAfterBanner), ...all('timeout') },
  { name: 'says nothing at all', start: () => reachFake(saysNothing), ...all('timeout') },
  { name: 'stalls in mid-login', start: () => reachFake(() => inMidAuth('stalls')), ...all('timeout') },
  {
    name: 'closes in mid-login',
    start: () => reachFake(() => inMidAuth('closes')),
    ...all('auth-failed'),
  },
  { name: 'hangs up at once', start: () => reachFake(hangsUp), ...all('connection-refused') },
  {
    name: 'sends garbage',
    start: () => reachFake(sendsGarbage),
    ...all('protocol-error'),
    withinMs: 5000,
  },
  {
    name: 'speaks HTTP',
    start: () => reachFake(speaksHttp),
    ...all('protocol-error'),
    withinMs: 5000,
  },
  {
    name: 'MaxStartups reached for a moment',
    start: () => reachBusy('refused'),
    ...all('in'),
  },
  {
    name: 'MaxStartups reached for long',
    start: () => reachBusy('never'),
    atOnce: true,
    ...all('connection-refused'),
  },
  // The other server.
  { name: 'dropbear', ...dropbear(), ...only('publickey', 'password'), afterwards: everything },
  {
    name: 'dropbear, noisy .bashrc',
    ...openssh({ program: 'dropbear', files: { '.bashrc': "echo 'Welcome!'\n" } }),
    ...only('publickey', 'password'),
    afterwards: { ...everything, sftp: 'not-supported' },
  },
  { name: 'dropbear, keys only', ...dropbear('-s'), ...only('publickey') },
  { name: 'dropbear, one try', ...dropbear('-T', '1'), ...only('publickey', 'password') },
  {
    name: 'dropbear without forwarding',
    ...dropbear('-j'),
    ...only('publickey', 'password'),
    afterwards: everything,
  },
];
