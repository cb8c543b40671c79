/** What stands between this machine and a host, in the order in which it would be met, each with its cure. */
import type { HotdeskError } from '../kernel/errors.ts';
import { type Circumstances, installAndStartCure, startCure } from '../model/cures.ts';
import type { Host } from '../model/host.ts';
import type { Check } from '../protocol/api.ts';

/** What is known of a program that one side needs. */
export interface ProgramState {
  readonly name: string;
  readonly present: boolean;
  readonly detail: string;
  readonly hint: string | undefined;
}

/** `stopped`: installed, and it does not answer. */
export type DaemonState = 'runs' | 'stopped' | 'missing';

export interface KeyState {
  readonly label: string;
  /** Encrypted, and no ssh-agent holds it. */
  readonly needsPassphrase: boolean;
}

export interface LocalFacts {
  readonly advertising: { readonly level: string; readonly mode: string };
  readonly discovery: string;
  readonly avahi: DaemonState;
  readonly sshd: { readonly port: number; readonly state: DaemonState };
  /** The user's SSH keys, or why they are not known. */
  readonly keys: readonly KeyState[] | HotdeskError;
  /** How this machine is cured. */
  readonly at: Circumstances;
  readonly problems: readonly HotdeskError[];
  /** Backends as host, then viewers. */
  readonly backends: readonly ProgramState[];
  readonly viewers: readonly ProgramState[];
  readonly seats: readonly string[];
}

export interface HostFacts {
  readonly host: Host;
  /** Networks of this machine hold one of its addresses; undefined without addresses. */
  readonly onLink: boolean | undefined;
  /** Did a connection and a login succeed? */
  readonly failure: HotdeskError | undefined;
  /** Who says that the host's key is its own, where that is a certificate authority. */
  readonly vouchedFor: string | undefined;
  readonly agent: { readonly version: string } | undefined;
  readonly backends: readonly ProgramState[];
  readonly pairs: readonly Check[];
}

export function localChecks(facts: LocalFacts): Check[] {
  const { advertising } = facts;
  const checks: Check[] = [{ name: 'agent', state: 'ok', detail: 'runs' }];
  checks.push(
    advertising.level === 'off'
      ? {
          name: 'advertising',
          state: 'warning',
          detail: 'switched off: other machines do not find this one',
          hint: '`hotdesk config set advertise sessions`',
        }
      : { name: 'advertising', state: 'ok', detail: `${advertising.level}, by ${advertising.mode}` },
  );
  checks.push(avahiCheck(facts));
  checks.push(...facts.problems.map(problemCheck));
  if (facts.problems.length === 0) checks.push({ name: 'discovery', state: 'ok', detail: facts.discovery });
  checks.push(sshdCheck(facts), keyCheck(facts.keys));
  checks.push(...facts.backends.map((p) => programCheck('backend', p)));
  checks.push(...facts.viewers.map((p) => programCheck('viewer', p)));
  checks.push(
    facts.seats.length
      ? { name: 'display', state: 'ok', detail: facts.seats.join(', ') }
      : {
          name: 'display',
          state: 'warning',
          detail: 'no display is known: windows can be shown elsewhere only',
          hint: 'Run any hotdesk command in a terminal on your desktop.',
        },
  );
  return checks;
}

function avahiCheck({ avahi, at }: LocalFacts): Check {
  const name = 'avahi';
  switch (avahi) {
    case 'runs':
      return { name, state: 'ok', detail: 'avahi-daemon answers' };
    case 'stopped':
      return {
        name,
        state: 'warning',
        detail: 'avahi-daemon is installed and does not run: hotdesk does mDNS by itself',
        hint: `Names like alpha.local need it. Start it: ${startCure('avahi-daemon', at)}`,
      };
    case 'missing':
      return {
        name,
        state: 'warning',
        detail: 'no avahi-daemon: hotdesk does mDNS by itself',
        hint: `Names like alpha.local need it. Install it: ${installAndStartCure('avahi-daemon', at)}`,
      };
  }
}

/** What lets the user in elsewhere without a question. */
function keyCheck(keys: LocalFacts['keys']): Check {
  if ('code' in keys) {
    const hint = keys.hint ?? 'Look at it: `ssh -G localhost`';
    return { name: 'ssh settings', state: 'failed', detail: keys.message, hint };
  }
  const name = 'your key';
  const open = keys.filter((key) => !key.needsPassphrase);
  if (open.length > 0) return { name, state: 'ok', detail: open.map(({ label }) => label).join(', ') };
  return keys.length > 0
    ? {
        name,
        state: 'warning',
        detail:
          'each has a passphrase, and no ssh-agent holds it: it is asked for, and nothing in the background logs in',
        hint: 'Load it: `ssh-add`. Where no ssh-agent runs: `eval "$(ssh-agent)"` first, and restart hotdesk there: `hotdesk agent stop`.',
      }
    : {
        name,
        state: 'warning',
        detail: 'none: other machines ask for a password each time',
        hint: '`hotdesk setup HOST` makes one, and puts it where you log in.',
      };
}

function sshdCheck({ sshd, at }: LocalFacts): Check {
  const name = 'ssh server';
  const closed = 'other machines cannot reach sessions here';
  switch (sshd.state) {
    case 'runs':
      return { name, state: 'ok', detail: `answers on port ${sshd.port}` };
    case 'stopped':
      return {
        name,
        state: 'warning',
        detail: `sshd is installed, and nothing answers on port ${sshd.port}: ${closed}`,
        hint: `Start it: ${startCure('sshd', at)}`,
      };
    case 'missing':
      return {
        name,
        state: 'warning',
        detail: `not installed: ${closed}`,
        hint: `Install it: ${installAndStartCure('sshd', at)}`,
      };
  }
}

/** Later checks are skipped when an earlier one failed: they would only repeat it. */
export function hostChecks(facts: HostFacts): Check[] {
  const { host, failure } = facts;
  const found: Check = {
    name: 'found',
    state: 'ok',
    detail: `by ${host.finders.join(', ')}${host.addresses.length ? ` at ${host.addresses.map((a) => a.address).join(', ')}` : ''}`,
  };
  const subnet: Check =
    facts.onLink === false
      ? {
          name: 'network',
          state: 'warning',
          detail: 'on another subnet: mDNS does not reach it',
          hint: `Keep it by name: \`hotdesk hosts add ${host.name}\`.`,
        }
      : { name: 'network', state: 'ok', detail: facts.onLink ? 'same subnet' : 'by name' };
  const stages = ['reachable', 'host key', 'login', 'commands'] as const;
  const broken = failure ? stageOf(failure) : undefined;
  const checks: Check[] = [found, subnet];
  let failed = false;
  for (const stage of stages) {
    if (failure && stage === broken) {
      failed = true;
      checks.push(failedCheck(stage, failure, host));
    } else if (failed) checks.push({ name: stage, state: 'skipped', detail: `not tried: see ${broken}` });
    else checks.push({ name: stage, state: 'ok', detail: okDetail(stage, facts) });
  }
  if (failed) return checks;
  checks.push(
    facts.agent
      ? { name: 'agent', state: 'ok', detail: `hotdesk ${facts.agent.version}` }
      : {
          name: 'agent',
          state: 'warning',
          detail: 'none runs there: it is driven by commands, and nothing can be sent to its displays',
          hint: `Put one there: \`hotdesk setup ${host.name}\`.`,
        },
  );
  return [...checks, ...facts.backends.map((p) => programCheck('backend', p)), ...facts.pairs];
}

/** At which stage of a connection an error belongs. */
function stageOf(error: HotdeskError): 'reachable' | 'host key' | 'login' | 'commands' {
  switch (error.code) {
    case 'host-key-unknown':
    case 'host-key-changed':
    case 'host-key-revoked':
    // known_hosts is not safe to be believed.
    case 'unsafe-file':
      return 'host key';
    case 'auth-failed':
      return 'login';
    case 'host-unreachable':
    case 'connection-refused':
    case 'connection-lost':
    case 'timeout':
    case 'unknown-host':
    // What answers there is no SSH server, or none that we can talk to; ssh_config says something impossible.
    case 'protocol-error':
    case 'bad-settings':
      return 'reachable';
    default:
      return 'commands';
  }
}

function okDetail(
  stage: 'reachable' | 'host key' | 'login' | 'commands',
  { host, vouchedFor }: HostFacts,
): string {
  switch (stage) {
    case 'reachable':
      return `ssh answers${host.sshPort ? ` on port ${host.sshPort}` : ''}`;
    case 'host key':
      return vouchedFor ?? 'known, and the one it was';
    case 'login':
      return 'accepted';
    case 'commands':
      return 'run';
  }
}

function failedCheck(name: string, error: HotdeskError, host: Host): Check {
  return { name, state: 'failed', detail: error.message, hint: cureOf(error, host) };
}

/** What to do about a connection that failed, where the error itself does not say all of it. */
function cureOf(error: HotdeskError, { name, sshPort = 22 }: Host): string {
  switch (error.code) {
    case 'timeout':
    case 'host-unreachable':
      return (
        error.hint ??
        `Is it on? Does a firewall there drop port ${sshPort} (\`sudo ufw allow ${sshPort}/tcp\`)?`
      );
    case 'connection-refused':
      return (
        error.hint ??
        `No SSH server listens on its port ${sshPort}. Install one there (Debian: \`sudo apt install openssh-server\`), or start it: \`sudo systemctl start ssh\`.`
      );
    case 'connection-lost':
      return (
        error.hint ??
        'Its SSH server hung up: it may be busy (MaxStartups), or shut us out for a while (PerSourcePenalties). Try again in a minute; its log says why: `sudo journalctl -u ssh` there.'
      );
    case 'auth-failed':
      return error.hint ?? `Set it up: \`hotdesk setup ${name}\`.`;
    default:
      return error.hint ?? `Try it by hand: \`ssh -v ${name}\`.`;
  }
}

function problemCheck(problem: HotdeskError): Check {
  return {
    name: 'discovery',
    state: 'warning',
    detail: problem.message,
    ...(problem.hint ? { hint: problem.hint } : {}),
  };
}

function programCheck(kind: string, program: ProgramState): Check {
  return {
    name: `${kind} ${program.name}`,
    state: program.present ? 'ok' : 'warning',
    detail: program.detail,
    ...(program.hint ? { hint: program.hint } : {}),
  };
}
