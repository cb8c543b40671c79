/** The hosts that the user has typed in. */
import { sanitiseName } from '../kernel/text.ts';
import type { Finder, FinderSink } from './finder.ts';

export interface ManualHost {
  /** What the user calls it. */
  readonly name: string;
  /** What ssh is given: `alpha`, `user@10.0.0.5`, `ssh://user@host:2222`. */
  readonly target: string;
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
  /** Targets by name. */
  #told = new Map<string, string>();
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
    const now = new Map(this.#deps.hosts().map(({ name, target }) => [name, target]));
    for (const key of this.#told.keys()) if (!now.has(key)) sink.lost(key);
    for (const [key, target] of now) {
      if (this.#told.get(key) === target) continue;
      const name = sanitiseName(key, 'host');
      sink.found({ finder: 'manual', key, name, sshName: target, addresses: [], services: [] });
    }
    this.#told = now;
  }
}
