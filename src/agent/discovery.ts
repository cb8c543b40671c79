/** Finders and the advert, joined with the catalogue. */
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Catalogue } from '../catalogue/store.ts';
import type { FinderSink } from '../discovery/finder.ts';
import { createLanFinder } from '../discovery/lan.ts';
import { createManualFinder, type ManualHost } from '../discovery/manual.ts';
import { createSshConfigFinder } from '../discovery/ssh-config.ts';
import { systemClock } from '../kernel/clock.ts';
import type { HotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { FinderName, Sighting, SshRoute } from '../model/host.ts';
import { parseRdpTarget } from '../model/rdp-target.ts';
import type { Session } from '../model/session.ts';
import { systemBus } from '../platform/dbus.ts';
import type { SettingsStore } from '../platform/settings.ts';
import type { TypedHost } from '../platform/settings-schema.ts';
import { advertFor, cut, encodeTxt } from '../protocol/txt.ts';
import { listAliases, parseDestination } from '../ssh/ssh.ts';
import { createAdvertiser } from './advertise/advertise.ts';
import type { Identity } from './identity.ts';
import { Publisher } from './publish.ts';

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

/** DNS labels are at most 63 bytes (RFC 1035 §2.3.4). */
const LABEL_LIMIT = 63;

export function createDiscovery(deps: DiscoveryDeps): Discovery {
  const { settings, catalogue, log, identity } = deps;
  const lan = createLanFinder({ log, bus: systemBus });
  const listeners = new Set<() => void>();
  const manual = createManualFinder({
    hosts: () => settings.current().hosts.map(typedHost),
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
  const problems = new Map<string, HotdeskError>();
  const keys = new Map<string, FinderName>();

  const sinkOf = (finder: string): FinderSink => ({
    found: (sighting) => {
      problems.delete(finder);
      keys.set(`${finder}\0${sighting.key}`, sighting.finder);
      catalogue.found(sighting);
    },
    lost: (key) => {
      const as = keys.get(`${finder}\0${key}`);
      keys.delete(`${finder}\0${key}`);
      if (as) catalogue.lost(as, key);
    },
    problem: (error) => {
      problems.set(finder, error);
      log.warn({ finder, code: error.code }, error.message);
    },
  });

  return {
    async start() {
      await Promise.all(finders.map((finder) => finder.start(sinkOf(finder.name))));
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
    problems: () => [...problems.values(), ...(advertiser.problem ? [advertiser.problem] : [])],
  };
}

/** Unique on the link: two agents of one name never fight over it (a loser says goodbye for both). */
function instanceOf({ host, hostId, agentId }: Identity): string {
  const suffix = ` ${hostId.slice(0, 4)}${agentId}`;
  return `${cut(host, LABEL_LIMIT - suffix.length).toString('utf8')}${suffix}`;
}

function typedHost(host: TypedHost): ManualHost {
  const rdp = parseRdpTarget(host.target);
  return rdp ? { ...host, rdp } : { ...host, route: routeOf(host.target) };
}

/** What a typed-in target says for itself; it may be a name of ssh_config, which says more. */
function routeOf(target: string): SshRoute | undefined {
  try {
    const { user, port } = parseDestination(target);
    return { user: user === userInfo().username ? '' : user, port };
  } catch {
    return undefined;
  }
}
