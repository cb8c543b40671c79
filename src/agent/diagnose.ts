/** Gathers the facts that `hotdesk doctor` judges. */
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { subnetOf } from '../discovery/subnet.ts';
import { toHotdeskError } from '../kernel/errors.ts';
import { findDaemon } from '../kernel/programs.ts';
import { circumstancesOf } from '../model/cures.ts';
import type { HostAddress } from '../model/host.ts';
import type { Machine } from '../model/machine.ts';
import type { SettingsStore } from '../platform/settings.ts';
import type { Detected } from '../profiles/backend.ts';
import { probeBackends } from '../profiles/probe.ts';
import { probeAndTry } from '../profiles/trial.ts';
import { pairProblem } from '../profiles/version.ts';
import type { Check } from '../protocol/api.ts';
import { ownKeys, resolveTarget } from '../ssh/ssh.ts';
import type { Backends } from './backends.ts';
import type { AgentContext } from './context.ts';
import type { Discovery } from './discovery.ts';
import { type DaemonState, hostChecks, type KeyState, localChecks, type ProgramState } from './doctor.ts';
import type { Identity } from './identity.ts';
import type { Seats } from './seats.ts';

export interface DiagnoseDeps {
  readonly context: AgentContext;
  readonly seats: Seats;
  readonly settings: SettingsStore;
  readonly backends: Backends;
  readonly discovery: Discovery;
  readonly here: Machine;
  readonly identity: Identity;
  /** Where the certificates of RDP hosts are kept. */
  readonly stateDir: string;
}

/** Checks of this machine, or of what stands between it and a host. @throws HotdeskError `unknown-host` */
export async function diagnose(
  deps: DiagnoseDeps,
  host: string | undefined,
  signal: AbortSignal,
): Promise<Check[]> {
  return host === undefined ? here(deps, signal) : there(deps, host, signal);
}

async function here(deps: DiagnoseDeps, signal: AbortSignal): Promise<Check[]> {
  const profiles = deps.backends.usable();
  const [host, viewer, answers, keys] = await Promise.all([
    probeAndTry(profiles, deps.here, signal),
    probeBackends(profiles, deps.here, 'viewer', signal),
    portAnswers(deps.identity.sshPort),
    keysHere(signal).catch((error: unknown) => toHotdeskError(error)),
  ]);
  return localChecks({
    advertising: { level: deps.settings.current().advertise, mode: deps.discovery.advertising() },
    discovery: deps.discovery.describe(),
    avahi: daemonState('avahi-daemon', deps.discovery.avahi()),
    sshd: { port: deps.identity.sshPort, state: daemonState('sshd', answers) },
    keys,
    at: circumstancesOf(process.getuid?.() ?? 0, isHere, existsSync),
    problems: deps.discovery.problems(),
    backends: programs(host),
    viewers: programs(viewer),
    seats: deps.seats.all().map((s) => s.id),
  });
}

/** As ssh would offer them to a host of which nothing is said. */
async function keysHere(signal: AbortSignal): Promise<KeyState[]> {
  const keys = await ownKeys(await resolveTarget({ name: 'localhost' }, {}, signal), signal);
  return keys.map(({ type, file, comment, needsPassphrase }) => ({
    label: `${type.replace(/^ssh-/u, '')} ${file ?? `${comment} (ssh-agent)`}`,
    needsPassphrase,
  }));
}

const isHere = (program: string) => findDaemon(program, process.env.PATH) !== undefined;

function daemonState(program: string, answers: boolean): DaemonState {
  if (answers) return 'runs';
  return isHere(program) ? 'stopped' : 'missing';
}

async function there(deps: DiagnoseDeps, text: string, signal: AbortSignal): Promise<Check[]> {
  const { context } = deps;
  const host = await context.findHost(text, signal);
  if (host.state === 'local') return here(deps, signal);
  if (host.state === 'rdp-only') {
    const { examineRdp } = await import('./rdp/rdp.ts');
    return examineRdp(host, deps.stateDir, process.env.PATH, signal);
  }
  const profiles = deps.backends.usable();
  try {
    const { machine, peer } = await context.connected(host);
    const [remote, local] = await Promise.all([
      probeAndTry(profiles, machine, signal),
      probeBackends(profiles, deps.here, 'viewer', signal),
    ]);
    const pairs = profiles.flatMap((profile): Check[] => {
      const problem = pairProblem(
        profile,
        remote.get(profile.name)?.version,
        local.get(profile.name)?.version,
      );
      return problem
        ? [
            {
              name: `versions ${profile.name}`,
              state: 'failed',
              detail: problem.message,
              ...(problem.hint ? { hint: problem.hint } : {}),
            },
          ]
        : [];
    });
    return hostChecks({
      host: context.host(text),
      onLink: onLink(host.addresses),
      failure: undefined,
      vouchedFor: machine.login?.vouchedFor,
      agent: peer ? { version: peer.agent.version } : undefined,
      backends: programs(remote),
      pairs,
    });
  } catch (error) {
    const failure = toHotdeskError(error);
    return hostChecks({
      host,
      onLink: onLink(host.addresses),
      failure,
      vouchedFor: undefined,
      agent: undefined,
      backends: [],
      pairs: [],
    });
  }
}

function programs(found: ReadonlyMap<string, Detected>): ProgramState[] {
  return [...found].map(([name, { present, version, missing }]) => ({
    name,
    present,
    detail: present ? (version ?? 'there') : (missing?.message ?? 'missing'),
    hint: missing?.hint,
  }));
}

function onLink(addresses: readonly HostAddress[]): boolean | undefined {
  if (addresses.length === 0) return undefined;
  const own = Object.entries(networkInterfaces()).map(([name, list]) => ({
    name,
    addresses: (list ?? []).map(({ address, family, cidr }) => ({
      address,
      family: family === 'IPv4' ? (4 as const) : (6 as const),
      prefix: Number(cidr?.split('/')[1] ?? 0),
    })),
  }));
  return own.some((link) => addresses.some((a) => subnetOf(link)(a.address)));
}

function portAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1000 });
    const end = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
