/** Finders and the advert, joined with the catalogue. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Catalogue } from '../catalogue/store.ts';
import { createLanFinder } from '../discovery/lan.ts';
import { createManualFinder } from '../discovery/manual.ts';
import { createSshConfigFinder } from '../discovery/ssh-config.ts';
import { systemClock } from '../kernel/clock.ts';
import type { HotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Sighting } from '../model/host.ts';
import type { Session } from '../model/session.ts';
import { systemBus } from '../platform/dbus.ts';
import type { SettingsStore } from '../platform/settings.ts';
import { advertFor, encodeTxt } from '../protocol/txt.ts';
import { listAliases } from '../ssh/ssh.ts';
import { createAdvertiser } from './advertise/advertise.ts';
import { instanceOf } from './advertise/publication.ts';
import type { Identity } from './identity.ts';
import { Publisher } from './publish.ts';
import { Sightings } from './sightings.ts';
import { typedHost } from './typed-host.ts';

export interface Discovery {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The host behind a sighting did not answer: look again. */
  suspect(sighting: Sighting): void;
  settingsChanged(): void;
  /** Tells the network of these sessions, as far as the settings allow. */
  publisher(source: { sessions(): readonly Session[]; isAsleep(): boolean }): Publisher<readonly Buffer[]>;
  /** How the advert is published now. */
  advertising(): string;
  /** How hosts are found now, for people. */
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
  const { settings, catalogue, log, identity } = deps;
  const lan = createLanFinder({ log, bus: systemBus });
  const listeners = new Set<() => void>();
  const manual = createManualFinder({
    hosts: () => settings.current().hosts.map((host) => typedHost(host)),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const aliases = createSshConfigFinder({
    aliases: () => listAliases(),
    files: [join(homedir(), '.ssh', 'config')],
  });
  const finders = [lan, manual, aliases];
  const advertiser = createAdvertiser({ log, bus: systemBus });
  const sightings = new Sightings(catalogue, log);

  return {
    async start() {
      await Promise.all(finders.map((finder) => finder.start(sightings.sinkOf(finder.name))));
    },
    async stop() {
      await Promise.all(finders.map((finder) => finder.stop()));
    },
    suspect: (sighting) => {
      if (sighting.finder === 'mdns' || sighting.finder === 'avahi') lan.suspect(sighting.key);
    },
    settingsChanged: () => {
      for (const listener of listeners) listener();
    },
    publisher: ({ sessions, isAsleep }) => {
      const advert = (revision: number) => {
        const { hostId, agentId, fingerprint } = identity;
        const level = settings.current().advertise;
        const asleep = isAsleep();
        const facts = { hostId, agentId, fingerprint, revision, asleep, sessions: sessions() };
        const told = advertFor(level, facts);
        return told && encodeTxt(told);
      };
      return new Publisher<readonly Buffer[]>({
        clock: systemClock,
        log,
        advert,
        start: (txt) =>
          advertiser.start({
            instance: instanceOf(identity),
            hostName: identity.host,
            port: identity.sshPort,
            txt,
          }),
        update: (txt) => advertiser.update(txt),
        stop: () => advertiser.stop(),
      });
    },
    advertising: () => (settings.current().advertise === 'off' ? 'none' : advertiser.mode),
    describe: () =>
      `mDNS ${lan.mode === 'avahi' ? 'through Avahi' : lan.mode === 'mdns' ? 'by itself' : 'off'}, ~/.ssh/config, typed-in hosts`,
    avahi: () => advertiser.avahi,
    problems: () => [...sightings.problems(), ...(advertiser.problem ? [advertiser.problem] : [])],
  };
}
