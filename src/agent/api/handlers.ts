/** All methods of the agent API, put together. */
import type { Catalogue } from '../../catalogue/store.ts';
import type { Machine } from '../../model/machine.ts';
import type { HostSession, Session } from '../../model/session.ts';
import type { SettingsStore } from '../../platform/settings.ts';
import type { Paths } from '../../protocol/paths.ts';
import { HOTDESK_VERSION } from '../../protocol/version.ts';
import type { Keeping } from '../account/kept.ts';
import type { Announced } from '../announced.ts';
import type { Backends } from '../backends.ts';
import type { AgentContext } from '../context.ts';
import type { Discovery } from '../discovery.ts';
import type { Handovers } from '../handovers.ts';
import type { Identity } from '../identity.ts';
import type { Inventory } from '../inventory.ts';
import type { Links } from '../links.ts';
import type { Prompts } from '../prompts.ts';
import type { Remote } from '../remote.ts';
import type { SeatEvents } from '../seat-events.ts';
import type { Seats } from '../seats.ts';
import type { Terminals } from '../terminals.ts';
import { record, scan } from '../trust.ts';
import { actionHandlers } from './actions.ts';
import { adminHandlers } from './admin.ts';
import { appHandlers, startableApp } from './apps.ts';
import { consoleHandlers } from './consoles.ts';
import { peerHandlers } from './peers.ts';
import { profileHandlers } from './profiles.ts';
import { promptHandlers } from './prompts.ts';
import type { Call, Handlers } from './server.ts';

export interface HandlersDeps {
  readonly context: AgentContext;
  readonly prompts: Prompts;
  readonly terminals: Terminals;
  readonly keeping: Keeping;
  readonly catalogue: Catalogue;
  readonly inventory: Inventory;
  readonly announced: Announced;
  readonly handovers: Handovers;
  readonly seats: Seats;
  readonly seatEvents: SeatEvents;
  readonly settings: SettingsStore;
  readonly backends: Backends;
  readonly discovery: Discovery;
  readonly links: Links;
  readonly remote: Remote;
  readonly here: Machine;
  readonly paths: Paths;
  readonly identity: Identity;
  /** The agent's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Private folder for viewers' files. */
  readonly viewerFolder: string;
  /** ms since the epoch */
  readonly startedAt: number;
  lookAround(waitMs: number, signal: AbortSignal): Promise<void>;
  sessions(): Session[];
  isAsleep(): boolean;
  onChange(listener: () => void): () => void;
  onSettings(): Promise<void>;
  stop(): void;
}

/** The views here, and those of the other machines that look at that host. */
function tellOfStop({ context, links, seatEvents }: HandlersDeps, session: HostSession): void {
  const { backend, localId } = session;
  const by = context.me;
  seatEvents.stopped(session, by);
  const host = context.hostOf(session);
  if (host.state === 'local') seatEvents.stoppingHere(session, by);
  // Without an agent there nobody else can be told; with an older one it is a surprise to them.
  else
    links
      .to(host)
      .peer?.call('session.stopping', { backend, localId, by })
      .catch(() => {});
}

export function handlersOf(deps: HandlersDeps): Handlers {
  const { context, settings, discovery, prompts } = deps;
  const contextOf = (call: Call) => context.asking({ prompter: prompts.of(call), signal: call.signal });
  return {
    ...promptHandlers(prompts),
    ...actionHandlers(
      contextOf,
      deps.terminals,
      (...asked) => startableApp(deps, ...asked),
      (session) => tellOfStop(deps, session),
    ),
    ...appHandlers(deps, contextOf),
    ...consoleHandlers(deps, contextOf),
    ...peerHandlers(deps),
    ...adminHandlers({
      context,
      catalogue: deps.catalogue,
      seats: deps.seats,
      seatEvents: deps.seatEvents,
      settings,
      lookAround: deps.lookAround,
      onSettings: deps.onSettings,
      stop: deps.stop,
      profiles: profileHandlers(deps.backends, deps.here),
      contextOf,
      scan: async (params, call) => {
        const host = await context.findHost(params.host, call.signal);
        if (params.rdp || host.state === 'rdp-only') {
          const { scanRdp } = await import('../rdp/rdp.ts');
          return scanRdp(host, deps.paths.stateDir, call.signal);
        }
        return scan(await deps.remote.pool(), host, call.signal, prompts.of(call));
      },
      leave: (text) => deps.links.leave(context.host(text)),
      record: async ({ host: text, fingerprint, rdp }, call) => {
        const host = context.host(text);
        if (rdp || host.state === 'rdp-only') {
          const { recordRdp } = await import('../rdp/rdp.ts');
          return recordRdp(host, fingerprint, deps.paths.stateDir, call.signal);
        }
        const pool = await deps.remote.pool();
        const key = await record(pool, host, fingerprint, call.signal, prompts.of(call));
        // Whatever stood in the way before may be gone now.
        deps.links.to(host).want();
        return key;
      },
      doctor: async (host, call) => {
        const { diagnose } = await import('../diagnose.ts');
        const { stateDir } = deps.paths;
        return diagnose({ ...deps, stateDir, context: contextOf(call) }, host, call.signal);
      },
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
