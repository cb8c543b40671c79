import type { FinderSink } from '../../src/discovery/finder.ts';
import type { HotdeskError } from '../../src/kernel/errors.ts';
import type { Sighting } from '../../src/model/host.ts';

export interface Recorder extends FinderSink {
  /** What is there now. */
  readonly sightings: Map<string, Sighting>;
  readonly problems: HotdeskError[];
  /** `found KEY` and `lost KEY`, in order. */
  readonly events: string[];
}

export function recorder(): Recorder {
  const sightings = new Map<string, Sighting>();
  const problems: HotdeskError[] = [];
  const events: string[] = [];
  return {
    sightings,
    problems,
    events,
    found: (sighting) => {
      sightings.set(sighting.key, sighting);
      events.push(`found ${sighting.key}`);
    },
    lost: (key) => {
      sightings.delete(key);
      events.push(`lost ${key}`);
    },
    problem: (error) => problems.push(error),
  };
}
