/** All methods of the agent API, put together. */
import type { Catalogue } from '../../catalogue/store.ts';
import type { Machine } from '../../model/machine.ts';
import type { Session } from '../../model/session.ts';
import type { SettingsStore } from '../../platform/settings.ts';
import type { Paths } from '../../protocol/paths.ts';
import { HOTDESK_VERSION } from '../../protocol/version.ts';
import type { Announced } from '../announced.ts';
import type { Backends } from '../backends.ts';
import type { AgentContext } from '../context.ts';
import { diagnose } from '../diagnose.ts';
import type { Discovery } from '../discovery.ts';
import type { Handovers } from '../handovers.ts';
import type { Identity } from '../identity.ts';
import type { Inventory } from '../inventory.ts';
import type { Links } from '../links.ts';
import type { Remote } from '../remote.ts';
import type { Seats } from '../seats.ts';
import type { Terminals } from '../terminals.ts';
import { record, scan } from '../trust.ts';
import { actionHandlers } from './actions.ts';
import { adminHandlers } from './admin.ts';
import { appHandlers, startableApp } from './apps.ts';
import { peerHandlers } from './peers.ts';
import { profileHandlers } from './profiles.ts';
import type { Handlers } from './server.ts';

export interface HandlersDeps {
  readonly context: AgentContext;
  readonly terminals: Terminals;
  readonly catalogue: Catalogue;
  readonly inventory: Inventory;
  readonly announced: Announced;
  readonly handovers: Handovers;
  readonly seats: Seats;
  readonly settings: SettingsStore;
  readonly backends: Backends;
  readonly discovery: Discovery;
  readonly links: Links;
  readonly remote: Remote;
  readonly here: Machine;
  readonly paths: Paths;
  readonly identity: Identity;
  /** ms since the epoch */
  readonly startedAt: number;
  lookAround(waitMs: number, signal: AbortSignal): Promise<void>;
  sessions(): Session[];
  onChange(listener: () => void): () => void;
  onSettings(): Promise<void>;
  stop(): void;
}

export function handlersOf(deps: HandlersDeps): Handlers {
  const { context, settings, discovery } = deps;
  return {
    ...actionHandlers(context, deps.terminals, (...asked) => startableApp(deps, ...asked)),
    ...appHandlers(deps),
    ...peerHandlers(deps),
    ...adminHandlers({
      context,
      catalogue: deps.catalogue,
      seats: deps.seats,
      settings,
      lookAround: deps.lookAround,
      onSettings: deps.onSettings,
      stop: deps.stop,
      profiles: profileHandlers(deps.backends, deps.here),
      scan: async (host, signal) => scan(deps.remote.pool(), await context.findHost(host, signal), signal),
      record: async (text, fingerprint, signal) => {
        const host = context.host(text);
        const key = await record(deps.remote.pool(), host, fingerprint, signal);
        // Whatever stood in the way before may be gone now.
        deps.links.to(host).want();
        return key;
      },
      doctor: (host, signal) => diagnose(deps, host, signal),
      status: async () => ({
        version: HOTDESK_VERSION,
        pid: process.pid,
        hostId: deps.identity.hostId,
        host: deps.identity.host,
        uptime: Math.round((Date.now() - deps.startedAt) / 1000),
        socket: deps.paths.socket,
        log: deps.paths.log,
        advertising: `${settings.current().advertise} (${discovery.advertising()})`,
        discovery: discovery.describe(),
        sessions: deps.sessions().length,
        viewers: context.viewers.all().length,
        seats: deps.seats.all().map((s) => s.id),
        problems: [
          ...settings.problems(),
          ...discovery
            .problems()
            .map(({ code, message, hint }) => ({ code, message, ...(hint ? { hint } : {}) })),
        ],
        rssBytes: process.memoryUsage.rss(),
      }),
    }),
  };
}
