/** Other machines over SSH: one pool, and what a host without an agent says of its sessions. */
import type { Logger } from '../kernel/log.ts';
import type { Host } from '../model/host.ts';
import type { Machine } from '../model/machine.ts';
import type { Profile } from '../model/profile.ts';
import type { SettingsStore } from '../platform/settings.ts';
import type { Settings } from '../platform/settings-schema.ts';
import type { Backend } from '../profiles/backend.ts';
import { listers } from '../profiles/extend.ts';
import { probeBackends } from '../profiles/probe.ts';
import { type Pool, type Prompter, type SecretStore, targetOf } from '../ssh/ssh.ts';
import type { Backends } from './backends.ts';
import type { Surveyed } from './besides.ts';
import { Listed } from './listed.ts';
import { listedAs, ownNames } from './own-names.ts';
import type { RemoteMachine } from './reach.ts';

export class Remote {
  readonly #settings: SettingsStore;
  readonly #backends: Backends;
  readonly #secrets: SecretStore;
  readonly #log: Logger;
  #loading: Promise<Pool> | undefined;
  #pool: Pool | undefined;
  readonly #lists = new WeakMap<Machine, Map<Backend, Listed>>();

  constructor(deps: { settings: SettingsStore; backends: Backends; secrets: SecretStore; log: Logger }) {
    this.#settings = deps.settings;
    this.#backends = deps.backends;
    this.#secrets = deps.secrets;
    this.#log = deps.log;
  }

  /** Loaded and made when the first host is asked. */
  pool(): Promise<Pool> {
    this.#loading ??= import('../ssh/ssh.ts').then(({ createPool }) => {
      this.#pool = createPool({
        idleMs: this.#settings.current().idleMinutes * 60_000,
        secrets: this.#secrets,
      });
      return this.#pool;
    });
    return this.#loading;
  }

  isConnected(): boolean {
    return (this.#pool?.connections().length ?? 0) > 0;
  }

  /** @throws HotdeskError why the host cannot be reached or does not let us in */
  async dial(host: Host, signal: AbortSignal, prompter?: Prompter): Promise<RemoteMachine> {
    const target = targetOf(host);
    const forwardAgent = mayForward(target.name, host.sshName, this.#settings.current());
    const pool = await this.pool();
    const connection = await pool.connect(target, { signal, prompter, forwardAgent });
    if (forwardAgent && !connection.login.forwardsAgent) {
      this.#log.warn(
        { host: host.name },
        'the ssh-agent is not passed on: there is none here, or sshd refuses',
      );
    }
    return connection;
  }

  /** Arguments by which the user's own ssh reaches a host as we do, and asks nobody anything. */
  async sshTo(host: Host): Promise<readonly string[]> {
    const { resolveTarget, sshArguments } = await import('../ssh/ssh.ts');
    const target = targetOf(host);
    return sshArguments(target, await resolveTarget(target));
  }

  /** What a host without an agent has, by every profile. */
  survey(machine: Machine, signal: AbortSignal): Promise<Surveyed> {
    return this.#survey(this.#backends.usable(), machine, signal);
  }

  /** What a host has by the user's own profiles, besides those that an agent there knows. */
  surveyOwn(
    machine: Machine,
    known: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Surveyed> {
    const own = this.#backends
      .all()
      .flatMap(({ origin, profile }) => (origin === 'user' ? (profile ?? []) : []));
    const others = own.filter(({ name }) => !Object.hasOwn(known, name));
    return this.#survey(others, machine, signal);
  }

  async #survey(profiles: readonly Profile[], machine: Machine, signal: AbortSignal): Promise<Surveyed> {
    if (profiles.length === 0) return { sessions: [], backends: {} };
    const found = await probeBackends(profiles, machine, 'host', signal);
    const present = profiles.filter((p) => found.get(p.name)?.present);
    // Profiles that extend another list that one's sessions too: each session once.
    const lists = listers(present).map((profile) => this.#listed(machine, profile.name));
    await Promise.all(lists.map((listed) => listed.refresh()));
    return {
      sessions: lists.flatMap((listed) => [...listed.sessions()]),
      backends: Object.fromEntries(present.map((p) => [p.name, found.get(p.name)?.version ?? ''])),
    };
  }

  /** What a backend there said last: one that hangs keeps no other back. */
  #listed(machine: Machine, name: string): Listed {
    const known = this.#lists.get(machine) ?? new Map<Backend, Listed>();
    this.#lists.set(machine, known);
    const backend = this.#backends.bind(name, machine);
    const listed =
      known.get(backend) ??
      new Listed(backend, {
        onChange: () => {},
        onFailure: ({ code, message }) =>
          this.#log.warn({ host: machine.name, backend: name, code }, `listing failed: ${message}`),
      });
    known.set(backend, listed);
    return listed;
  }

  async close(): Promise<void> {
    await (await this.#loading)?.close();
  }
}

/**
 * Whether the setting forwardAgent means a host. By the name that decides which key is trusted, or by
 * the user's own for it: what a host calls itself on the network must not get it our ssh-agent.
 * @param name that is connected to
 * @param sshName what `ssh` takes for it, where the user or ssh_config says
 */
export function mayForward(
  name: string,
  sshName: string | undefined,
  { forwardAgent, hosts }: Pick<Settings, 'forwardAgent' | 'hosts'>,
): boolean {
  if (forwardAgent.length === 0) return false;
  return listedAs(forwardAgent, ownNames(name, sshName, hosts)) !== undefined;
}
