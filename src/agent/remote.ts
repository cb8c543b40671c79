/** Other machines over SSH: one pool, and what a host without an agent says of its sessions. */
import type { Host } from '../model/host.ts';
import type { Machine } from '../model/machine.ts';
import type { Session } from '../model/session.ts';
import type { SettingsStore } from '../platform/settings.ts';
import { probeBackends } from '../profiles/probe.ts';
import { createPool, type Pool, type Prompter, type SecretStore, targetOf } from '../ssh/ssh.ts';
import type { Backends } from './backends.ts';
import type { RemoteMachine } from './link.ts';

export class Remote {
  readonly #settings: SettingsStore;
  readonly #backends: Backends;
  #pool: Pool | undefined;

  readonly #secrets: SecretStore;

  constructor(deps: { settings: SettingsStore; backends: Backends; secrets: SecretStore }) {
    this.#settings = deps.settings;
    this.#backends = deps.backends;
    this.#secrets = deps.secrets;
  }

  /** Made when the first host is asked. */
  pool(): Pool {
    this.#pool ??= createPool({
      idleMs: this.#settings.current().idleMinutes * 60_000,
      secrets: this.#secrets,
    });
    return this.#pool;
  }

  isConnected(): boolean {
    return (this.#pool?.connections().length ?? 0) > 0;
  }

  /** @throws HotdeskError why the host cannot be reached or does not let us in */
  async dial(host: Host, signal: AbortSignal, prompter?: Prompter): Promise<RemoteMachine> {
    return this.pool().connect(targetOf(host), { signal, prompter });
  }

  async survey(
    machine: Machine,
    signal: AbortSignal,
  ): Promise<{ sessions: Session[]; backends: Record<string, string> }> {
    const profiles = this.#backends.usable();
    const found = await probeBackends(profiles, machine, 'host', signal);
    const present = profiles.filter((p) => found.get(p.name)?.present);
    const lists = await Promise.all(
      present.map((p) =>
        this.#backends
          .bind(p.name, machine)
          .list(signal)
          .catch((): Session[] => []),
      ),
    );
    return {
      sessions: lists.flat(),
      backends: Object.fromEntries(present.map((p) => [p.name, found.get(p.name)?.version ?? ''])),
    };
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }
}
