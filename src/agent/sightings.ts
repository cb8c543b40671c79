/** What the finders see, on its way to the catalogue, and what stands in their way. */
import type { Catalogue } from '../catalogue/store.ts';
import type { FinderSink } from '../discovery/finder.ts';
import type { HotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { FinderName } from '../model/host.ts';

export class Sightings {
  readonly #catalogue: Pick<Catalogue, 'found' | 'lost'>;
  readonly #log: Logger;
  readonly #problems = new Map<FinderName, HotdeskError>();

  constructor(catalogue: Pick<Catalogue, 'found' | 'lost'>, log: Logger) {
    this.#catalogue = catalogue;
    this.#log = log;
  }

  /** What a finder tells goes here. One that finds something has no problem any more. */
  sinkOf(finder: FinderName): FinderSink {
    const told = new Map<string, FinderName>();
    return {
      found: (sighting) => {
        this.#problems.delete(finder);
        told.set(sighting.key, sighting.finder);
        this.#catalogue.found(sighting);
      },
      lost: (key) => {
        const as = told.get(key);
        told.delete(key);
        if (as) this.#catalogue.lost(as, key);
      },
      problem: (error) => {
        this.#problems.set(finder, error);
        this.#log.warn({ finder, code: error.code }, error.message);
      },
    };
  }

  /** The last of each finder that has found nothing since. */
  problems(): readonly HotdeskError[] {
    return [...this.#problems.values()];
  }
}
