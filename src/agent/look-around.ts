/** A look at all hosts that may be asked, for as long as somebody waits for it. */
import type { Catalogue } from '../catalogue/store.ts';
import { until } from './api/admin.ts';
import type { Links } from './links.ts';
import { mayLookAt } from './targets.ts';

/** A host that was just started looks around this long before it says who is there, in ms. */
const FIRST_LOOK_MS = 1200;

export interface LookAroundDeps {
  readonly links: Pick<Links, 'lookAround'>;
  readonly catalogue: Catalogue;
  /** When this agent began to look, ms. */
  readonly startedAt: number;
}

/** @returns waits until nobody is being connected to, or `waitMs` are over */
export function lookingAround({
  links,
  catalogue,
  startedAt,
}: LookAroundDeps): (waitMs: number, signal: AbortSignal) => Promise<void> {
  return async (waitMs, signal) => {
    links.lookAround(mayLookAt);
    await until(
      ({ hosts }) => {
        // Others may have been found meanwhile.
        links.lookAround(mayLookAt);
        const isYoung = Date.now() - startedAt < FIRST_LOOK_MS;
        return !isYoung && hosts.every((host) => host.state !== 'connecting');
      },
      catalogue,
      waitMs,
      signal,
    );
  };
}
