/** What to connect to: as asked for, and as ssh's configuration resolves it. */
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { HostAddress } from '../model/host.ts';

/** A host as the catalogue or the user names it. Untrusted text until it is resolved. */
export interface SshTarget {
  /** Alias of ssh_config, host name, or address (`alpha`, `alpha.local`, `fe80::1%eth0`), or `user@` and one of them. */
  readonly name: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** Where finders saw it. Used unless ssh_config gives the name another HostName. */
  readonly addresses?: readonly HostAddress[] | undefined;
  /** Further names that finders gave it. Only other spellings of `name` have a say in trust: see host-key.ts. */
  readonly aliases?: readonly string[] | undefined;
}

export interface ResolvedTarget {
  /** For messages. */
  readonly name: string;
  readonly user: string;
  readonly hostName: string;
  readonly port: number;
  readonly family: 'any' | 4 | 6;
  /** Raced; empty: ask the resolver for hostName. */
  readonly addresses: readonly HostAddress[];
  readonly hostKey: HostKeyNames;
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  readonly hashKnownHosts: boolean;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Undefined: there is no agent to ask. */
  readonly agentSocket: string | undefined;
  /** CertificateFile; those beside the identity files are found without. */
  readonly certificateFiles: readonly string[];
  readonly publicKeys: boolean;
  readonly passwords: boolean;
  readonly keyboardInteractive: boolean;
  /** Methods in the order of PreferredAuthentications, and no others; undefined: not set. */
  readonly preferred: readonly string[] | undefined;
  /** NumberOfPasswordPrompts. */
  readonly passwordPrompts: number;
  /** Nobody is to be asked for anything. */
  readonly batchMode: boolean;
  /** From the first to the last. */
  readonly jumps: readonly SshTarget[];
  readonly proxyCommand: string | undefined;
  readonly connectTimeoutMs: number;
}

/** The names under which known_hosts may have the host's key; see host-key.ts. */
export interface HostKeyNames {
  /** As OpenSSH writes it: HostKeyAlias, `alpha`, `[alpha]:2222`. */
  readonly primary: string;
  /** Other spellings of the primary name (`alpha.local` for `alpha`), in the same form. */
  readonly spellings: readonly string[];
  /** The primary name without its port, where the port is not 22: may vouch, never contradict (as in OpenSSH). */
  readonly portless: readonly string[];
  /** Other names and addresses: mentioned to the user, never trusted. */
  readonly related: readonly string[];
  /** What a certificate has to name to count under the primary name, then under each of the spellings: without the port. */
  readonly principals: readonly [string, ...string[]];
}

const HOST_NAME = /^[\p{L}\p{N}_:[\]][\p{L}\p{M}\p{N}._:%[\]-]*$/u;
const USER_NAME = /^[\p{L}\p{N}_.][\p{L}\p{N}_.@\\+$-]*$/u;

/**
 * A target with `user@` split off its name and everything checked, so that it can go on ssh's
 * command line and into the tokens of ssh_config.
 * @throws HotdeskError `bad-argument`
 */
export function checkTarget(target: SshTarget): SshTarget {
  const at = target.name.lastIndexOf('@');
  const name = target.name.slice(at + 1);
  const user = at >= 0 ? target.name.slice(0, at) : target.user;
  if (name.length > 255 || !HOST_NAME.test(name)) {
    throw new HotdeskError('bad-argument', `“${sanitise(name, 60)}” is not a host name.`);
  }
  if (user !== undefined && (user.length > 128 || !USER_NAME.test(user))) {
    throw new HotdeskError('bad-argument', `“${sanitise(user, 60)}” is not a user name.`);
  }
  const { port } = target;
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new HotdeskError('bad-argument', `${port} is not a port number.`);
  }
  return { ...target, name, user };
}

/** Splits a ProxyJump list: `[user@]host[:port]` or `ssh://…`, separated by commas (ssh_config(5)). */
export function parseJumps(text: string): SshTarget[] {
  if (text === '' || text.toLowerCase() === 'none') return [];
  return text.split(',').map((part) => parseDestination(part.trim()));
}

/**
 * `[user@]host[:port]`, `[user@][v6]:port` or `ssh://…`: what a user types.
 * @throws HotdeskError `bad-argument`
 */
export function parseDestination(text: string): SshTarget {
  const spec = text.replace(/^ssh:\/\//u, '').replace(/\/$/u, '');
  const match = /^(?:(.*)@)?(?:\[([^\]]+)\]|([^:]+|[^:]*:[^:]*:.*?))(?::(\d+))?$/u.exec(spec);
  const name = match?.[2] ?? match?.[3];
  if (!match || !name) throw new HotdeskError('bad-argument', `“${sanitise(text, 60)}” is not a host.`);
  return checkTarget({
    name,
    user: match[1],
    port: match[4] === undefined ? undefined : Number(match[4]),
  });
}

/** `alpha`, or `[alpha]:2222` where the port is not 22 (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export function knownHostsName(name: string, port: number): string {
  const bare = name.toLowerCase().replace(/^\[(.*)\]$/u, '$1');
  return port === 22 ? bare : `[${bare}]:${port}`;
}

/** `alpha` ⇄ `alpha.local`: the spellings that mean the same host on a link (RFC 6762 §3). */
export function spellingsOf(name: string): string[] {
  const lower = name.toLowerCase();
  if (/^[^.:]+$/u.test(lower)) return [`${lower}.local`];
  const bare = /^([^.:]+)\.local\.?$/u.exec(lower)?.[1];
  return bare ? [bare] : [];
}
