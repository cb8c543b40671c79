/** The client's side of a server: its ssh_config and known_hosts, and somebody who answers prompts. */
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Prompter, PromptRequest } from '../../../src/ssh/ssh.ts';
import type { SshEnvironment } from '../../../src/ssh/ssh-config.ts';
import { CODE_SECRET, PASSWORD, USER } from './account.ts';
import type { Reach } from './reach.ts';

/** How the client calls the server; jump hosts are `gate1`, `gate2`. */
export const NAME = 'alpha';
/** What an expired password is changed to. */
export const NEW_PASSWORD = 'close sesame 42';

export interface ClientOptions {
  /** PreferredAuthentications. */
  readonly methods: string;
  /** Further lines of ssh_config for the server. */
  readonly config?: readonly string[] | undefined;
  /** Lines of known_hosts; default: the servers' keys under their addresses. */
  readonly known?: readonly string[] | undefined;
}

/** Writes the client's files beside the server's key. */
export function clientOf(reach: Reach, options: ClientOptions): SshEnvironment {
  const dir = mkdtempSync(join(dirname(reach.keyFile), 'client-'));
  const knownHosts = join(dir, 'known_hosts');
  const all = [...reach.jumps, reach];
  const known = options.known ?? all.flatMap((each) => (each.hostKey ? [knownAs(each)] : []));
  writeFileSync(knownHosts, `${known.join('\n')}\n`);
  const gates = reach.jumps.flatMap((server, i) => [
    `Host gate${i + 1}`,
    `  HostName ${server.host}`,
    `  Port ${server.port}`,
    `  IdentityFile ${server.keyFile}`,
  ]);
  const configFile = join(dir, 'config');
  writeFileSync(
    configFile,
    [
      ...gates,
      `Host ${NAME}`,
      // ssh_config(5) expands % in it.
      `  HostName ${reach.host.replace('%', '%%')}`,
      `  Port ${reach.port}`,
      `  IdentityFile ${reach.keyFile}`,
      ...(gates.length > 0 ? [`  ProxyJump ${reach.jumps.map((_, i) => `gate${i + 1}`).join(',')}`] : []),
      ...(options.config ?? []).map((line) => `  ${line}`),
      'Host *',
      `  User ${USER}`,
      `  UserKnownHostsFile ${knownHosts}`,
      '  GlobalKnownHostsFile none',
      '  IdentitiesOnly yes',
      `  PreferredAuthentications ${options.methods}`,
      '',
    ].join('\n'),
  );
  const home = join(dir, 'home');
  mkdirSync(home);
  return { configFile, home, env: { PATH: process.env.PATH } };
}

/** The line of known_hosts for a server under its address. */
export function knownAs(reach: Pick<Reach, 'host' | 'port' | 'hostKey'>): string {
  return `[${reach.host}]:${reach.port} ${reach.hostKey}`;
}

export interface Person extends Prompter {
  /** Everything that was asked. */
  readonly asked: readonly PromptRequest[];
}

/** Somebody who knows the password, the codes, and a new password. */
export function person(password = PASSWORD): Person {
  const asked: PromptRequest[] = [];
  let codes = 0;
  const answer = (prompt: string) => {
    if (/one-time/iu.test(prompt)) return oneTimeCode(codes++);
    return /\bnew\b/iu.test(prompt) ? NEW_PASSWORD : password;
  };
  return {
    asked,
    ask: async (request) => {
      asked.push(request);
      return request.prompts.map(({ prompt }) =>
        request.kind === 'new-password' ? NEW_PASSWORD : answer(prompt),
      );
    },
  };
}

/** HOTP, RFC 4226 §5.3. */
function oneTimeCode(counter: number): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const hash = createHmac('sha1', Buffer.from(CODE_SECRET, 'hex')).update(moving).digest();
  const offset = (hash.at(-1) ?? 0) & 0xf;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
