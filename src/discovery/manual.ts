/** The hosts that the user has typed in. */
import { sanitiseName } from '../kernel/text.ts';
import type { SshRoute } from '../model/host.ts';
import type { Finder, FinderSink } from './finder.ts';

export interface ManualHost {
  /** What the user calls it. */
  readonly name: string;
  /** What ssh is given: `alpha`, `user@10.0.0.5`, `ssh://user@host:2222`. */
  readonly target: string;
  /** What the target says of the way there. */
  readonly route?: SshRoute | undefined;
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
    for (const [key, { target, route }] of now) {
      if (this.#told.get(key)?.target === target) continue;
      const name = sanitiseName(key, 'host');
      const found = { finder: 'manual', key, name, sshName: target, addresses: [], services: [] } as const;
      sink.found(route === undefined ? found : { ...found, route });
    }
    this.#told = now;
  }
}
