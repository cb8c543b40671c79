/** Finders and the advert, joined with the catalogue. */
import type { Catalogue } from '../catalogue/store.ts';
import { systemClock } from '../kernel/clock.ts';
import type { HotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Sighting } from '../model/host.ts';
import type { Session } from '../model/session.ts';
import type { SettingsStore } from '../platform/settings.ts';
import type { Identity } from './identity.ts';
import { Publisher } from './publish.ts';

export interface Discovery {
  start(): Promise<void>;
  stop(): Promise<void>;
  suspect(sighting: Sighting): void;
  settingsChanged(): void;
  publisher(source: { sessions(): readonly Session[] }): Publisher<readonly Buffer[]>;
  advertising(): string;
  describe(): string;
  avahi(): boolean;
  problems(): readonly HotdeskError[];
}

export interface DiscoveryDeps {
  readonly settings: SettingsStore;
  readonly catalogue: Catalogue;
  readonly log: Logger;
  readonly identity: Identity;
}

export function createDiscovery(deps: DiscoveryDeps): Discovery {
  const told = () => {
    for (const { name, target } of deps.settings.current().hosts) {
      deps.catalogue.found({
        finder: 'manual',
        key: name,
        name,
        sshName: target,
        addresses: [],
        services: [],
      });
    }
  };
  return {
    start: async () => told(),
    stop: async () => {},
    suspect: () => {},
    settingsChanged: told,
    publisher: () =>
      new Publisher<readonly Buffer[]>({
        clock: systemClock,
        log: deps.log,
        advert: () => undefined,
        start: async () => {},
        update: async () => {},
        stop: async () => {},
      }),
    advertising: () => 'none',
    describe: () => 'none',
    avahi: () => false,
    problems: () => [],
  };
}
