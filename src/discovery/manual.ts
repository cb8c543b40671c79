/** The hosts that the user has typed in. */
import { isIP } from 'node:net';
import { sanitiseName } from '../kernel/text.ts';
import type { Sighting, SshRoute } from '../model/host.ts';
import { RDP_PORT, type RdpTarget } from '../model/rdp-target.ts';
import type { Finder, FinderSink } from './finder.ts';

export interface ManualHost {
  /** What the user calls it. */
  readonly name: string;
  /** What ssh is given: `alpha`, `user@10.0.0.5`, `ssh://user@host:2222`. */
  readonly target: string;
  /** What the target says of the way there. */
  readonly route?: SshRoute | undefined;
  /** The target is an RDP server, and nothing is known of SSH there. */
  readonly rdp?: RdpTarget | undefined;
}

export interface ManualFinderDeps {
  hosts(): readonly ManualHost[];
  /** Calls `listener` when hosts() has another answer. @returns what ends it */
  onChange(listener: () => void): () => void;
}

export function createManualFinder(deps: ManualFinderDeps): Finder {
  return new ManualFinder(deps);
}

class ManualFinder implements Finder {
  readonly name = 'manual' as const;
  readonly #deps: ManualFinderDeps;
  /** By name. */
  #told = new Map<string, ManualHost>();
  #sink: FinderSink | undefined;
  #unsubscribe = () => {};

  constructor(deps: ManualFinderDeps) {
    this.#deps = deps;
  }

  async start(sink: FinderSink): Promise<void> {
    this.#sink = sink;
    this.#unsubscribe = this.#deps.onChange(() => this.#tell());
    this.#tell();
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
    this.#unsubscribe();
    this.#told = new Map();
  }

  /** What was typed in stays until it is taken out. */
  suspect(): void {}

  #tell(): void {
    const sink = this.#sink;
    if (!sink) return;
    const now = new Map(this.#deps.hosts().map((host) => [host.name, host]));
    for (const key of this.#told.keys()) if (!now.has(key)) sink.lost(key);
    for (const [key, host] of now) {
      if (this.#told.get(key)?.target === host.target) continue;
      sink.found(sightingOf(host));
    }
    this.#told = now;
  }
}

function sightingOf({ name: key, target, route, rdp }: ManualHost): Sighting {
  const found = { finder: 'manual', key, name: sanitiseName(key, 'host'), services: [] } as const;
  if (rdp === undefined) {
    return { ...found, sshName: target, addresses: [], ...(route === undefined ? {} : { route }) };
  }
  const { host, port, user } = rdp;
  const place = { ...found, rdp: { host, port, typed: true, ...(user === undefined ? {} : { user }) } };
  // At another port it may be another machine, behind a router that forwards it.
  if (port !== RDP_PORT) return { ...place, addresses: [] };
  const [address = '', scope] = host.split('%');
  const family = isIP(address);
  if (family !== 4 && family !== 6) return { ...place, hostName: host, addresses: [] };
  return { ...place, addresses: [{ address, family, ...(scope === undefined ? {} : { scope }) }] };
}
