/** Settings of a target by `ssh -G`, so that Match, Include and the rest mean here what they mean to ssh. */
import { execFile } from 'node:child_process';
import { isIP } from 'node:net';
import { homedir, userInfo } from 'node:os';
import { HotdeskError } from '../kernel/errors.ts';
import type { Lately } from './lately.ts';
import {
  checkTarget,
  knownHostsName,
  parseJumps,
  type ResolvedTarget,
  type SshTarget,
  spellingsOf,
} from './target.ts';

/** Where ssh's own files are. Injectable, so that no test reads the developer's. */
export interface SshEnvironment {
  /** Program; default `ssh`. */
  readonly ssh?: string | undefined;
  /** `ssh -F`; default: ssh's own. */
  readonly configFile?: string | undefined;
  /** For `~`; default: of the user. */
  readonly home?: string | undefined;
  /** Default: of the process. SSH_AUTH_SOCK is read from it. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: ssh is asked anew each time. */
  readonly lately?: Lately | undefined;
}

const DEFAULT_CONNECT_MS = 10_000;
const CONFIG_TIMEOUT_MS = 10_000;

/**
 * What ssh would do for this target. Without an ssh program: ssh's defaults.
 * @throws HotdeskError `bad-argument` (a name that is none, or a configuration that ssh refuses)
 */
export async function resolveTarget(
  target: SshTarget,
  environment: SshEnvironment = {},
  signal?: AbortSignal,
): Promise<ResolvedTarget> {
  const checked = checkTarget(target);
  const options = parseSshG((await runSshG(checked, environment, signal)) ?? '');
  return resolvedFrom(checked, options, environment);
}

/** `ssh -G` output: each keyword with its values in order. */
export function parseSshG(text: string): Map<string, string[]> {
  const options = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space <= 0) continue;
    const key = line.slice(0, space).toLowerCase();
    const values = options.get(key);
    if (values) values.push(line.slice(space + 1));
    else options.set(key, [line.slice(space + 1)]);
  }
  return options;
}

/** Pure part of `resolveTarget`. @param target checked */
export function resolvedFrom(
  target: SshTarget,
  options: ReadonlyMap<string, readonly string[]>,
  environment: SshEnvironment,
): ResolvedTarget {
  const env = environment.env ?? process.env;
  const home = environment.home ?? homeDir();
  const first = (key: string) => options.get(key)?.[0];
  const hostName = stripBrackets(first('hostname') ?? target.name);
  const port = Number(first('port') ?? target.port ?? 22);
  const user = first('user') ?? target.user ?? userInfo().username;
  const expand = (path: string) => expandPath(path, { home, host: hostName, user, port, alias: target.name });
  const alias = first('hostkeyalias');
  // A HostName that is not the name itself comes from the user's configuration: it is where to go.
  const configured = hostName.toLowerCase() !== stripBrackets(target.name).toLowerCase();
  const known = (name: string) => knownHostsName(name, port);
  const spelled = alias || configured ? [] : spellingsOf(hostName);
  const spellings = spelled.map(known);
  const primary = alias?.toLowerCase() ?? known(hostName);
  const related = [...(target.aliases ?? []), ...(target.addresses ?? []).map((a) => a.address)].map(known);
  const timeout = Number(first('connecttimeout'));
  const family = first('addressfamily');
  const proxyCommand = first('proxycommand');
  return {
    name: target.name,
    user,
    hostName,
    port,
    family: family === 'inet' ? 4 : family === 'inet6' ? 6 : 'any',
    addresses: configured || isIP(stripScope(hostName)) ? [] : (target.addresses ?? []),
    hostKey: {
      primary,
      spellings,
      portless: alias || port === 22 ? [] : [knownHostsName(hostName, 22)],
      related: [...new Set(related)].filter((name) => name !== primary && !spellings.includes(name)),
      principals: [(alias ?? hostName).toLowerCase(), ...spelled],
    },
    userKnownHosts: splitPaths(first('userknownhostsfile') ?? '~/.ssh/known_hosts ~/.ssh/known_hosts2').map(
      expand,
    ),
    globalKnownHosts: splitPaths(
      first('globalknownhostsfile') ?? '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2',
    ).map(expand),
    hashKnownHosts: first('hashknownhosts') === 'yes',
    identityFiles: (options.get('identityfile') ?? DEFAULT_IDENTITIES).map(expand),
    identitiesOnly: first('identitiesonly') === 'yes',
    agentSocket: agentSocketOf(first('identityagent'), env, expand),
    certificateFiles: (options.get('certificatefile') ?? []).map(expand),
    publicKeys: !isOff(first('pubkeyauthentication')),
    passwords: !isOff(first('passwordauthentication')),
    keyboardInteractive: !isOff(first('kbdinteractiveauthentication')),
    preferred: first('preferredauthentications')?.split(','),
    passwordPrompts: promptsOf(first('numberofpasswordprompts')),
    batchMode: first('batchmode') === 'yes',
    jumps: parseJumps(first('proxyjump') ?? ''),
    proxyCommand: proxyCommand === undefined || proxyCommand === 'none' ? undefined : proxyCommand,
    connectTimeoutMs: timeout > 0 ? timeout * 1000 : DEFAULT_CONNECT_MS,
  };
}

/** ssh says `false` for some and `no` for others. */
function isOff(value: string | undefined): boolean {
  return value === 'no' || value === 'false';
}

function promptsOf(value: string | undefined): number {
  const count = Number(value ?? 3);
  return Number.isInteger(count) && count >= 0 ? count : 3;
}

const DEFAULT_IDENTITIES = ['~/.ssh/id_rsa', '~/.ssh/id_ecdsa', '~/.ssh/id_ed25519'];

/** ssh takes `~` from the password database, not from HOME. */
function homeDir(): string {
  try {
    return userInfo().homedir;
  } catch {
    return homedir();
  }
}

function stripBrackets(name: string): string {
  return name.replace(/^\[(.*)\]$/u, '$1');
}

function stripScope(name: string): string {
  return name.replace(/%.*$/u, '');
}

/** `ssh -G` joins the files with spaces and quotes nothing; each begins with `/` or `~`, or is `none`. */
function splitPaths(text: string): string[] {
  return text.split(/ +(?=[/~])/u).filter((path) => path !== '' && path !== 'none');
}

interface Tokens {
  readonly home: string;
  readonly host: string;
  readonly user: string;
  readonly port: number;
  readonly alias: string;
}

/** `~` and the tokens that ssh_config(5) allows in IdentityFile and IdentityAgent. */
function expandPath(path: string, tokens: Tokens): string {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: tokens.home,
    h: tokens.host,
    n: tokens.alias,
    p: String(tokens.port),
    r: tokens.user,
    u: userInfo().username,
    i: String(userInfo().uid),
  };
  const expanded = path.replace(/%([%dhnprui])/gu, (whole, token: string) => values[token] ?? whole);
  return expanded === '~' || expanded.startsWith('~/') ? tokens.home + expanded.slice(1) : expanded;
}

function agentSocketOf(
  setting: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  expand: (path: string) => string,
): string | undefined {
  if (setting === 'none') return undefined;
  if (setting === undefined || setting === 'SSH_AUTH_SOCK') return env.SSH_AUTH_SOCK || undefined;
  if (setting.startsWith('$')) return env[setting.slice(1).replace(/^\{(.*)\}$/u, '$1')] || undefined;
  return expand(setting);
}

/** Undefined where there is no ssh program. */
function runSshG(
  target: SshTarget,
  environment: SshEnvironment,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const args = [
    ...(environment.configFile === undefined ? [] : ['-F', environment.configFile]),
    ...(target.port === undefined ? [] : ['-p', String(target.port)]),
    ...(target.user === undefined ? [] : ['-l', target.user]),
    '-G',
    '--',
    target.name,
  ];
  const recalled = environment.lately?.recall(args);
  if (recalled !== undefined && !signal?.aborted) return Promise.resolve(recalled);
  return new Promise((resolve, reject) => {
    execFile(
      environment.ssh ?? 'ssh',
      args,
      {
        timeout: CONFIG_TIMEOUT_MS,
        maxBuffer: 1 << 20,
        ...(signal ? { signal } : {}),
        env: { ...process.env, ...environment.env },
      },
      (error, stdout, stderr) => {
        if (!error) {
          environment.lately?.keep(args, stdout);
          return resolve(stdout);
        }
        // It is not there, or nobody may run it.
        if (error.code === 'ENOENT' || error.code === 'EACCES') return resolve(undefined);
        if (error.name === 'AbortError') {
          return reject(new HotdeskError('cancelled', 'Stopped before it was done.', { cause: error }));
        }
        const said = stderr.trim().split('\n')[0] ?? error.message;
        reject(
          new HotdeskError('bad-settings', `ssh cannot read its configuration: ${said}`, {
            cause: error,
            hint: `Try \`ssh -G ${target.name}\`.`,
          }),
        );
      },
    );
  });
}
