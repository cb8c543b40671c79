/** API methods about the applications of hosts. What they do is a bundle of its own, loaded when one is called. */
import { join } from 'node:path';
import type { Host } from '../../model/host.ts';
import type { Machine } from '../../model/machine.ts';
import type { SettingsStore } from '../../platform/settings.ts';
import type { Params } from '../../protocol/api.ts';
import type { Paths } from '../../protocol/paths.ts';
import type { AppsFiles, AppsHost } from '../apps/apps.ts';
import type { AgentContext } from '../context.ts';
import type { Links } from '../links.ts';
import type { Call, Handlers } from './server.ts';

export interface AppsDeps {
  readonly context: Pick<AgentContext, 'me' | 'findHost' | 'askedHost' | 'peer'>;
  readonly links: Pick<Links, 'to'>;
  readonly here: Machine;
  readonly paths: Pick<Paths, 'cacheDir' | 'stateDir'>;
  readonly settings: Pick<SettingsStore, 'current'>;
}

/** What `start` is asked for when it is asked for an application. */
export interface StartableApp {
  readonly params: Params<'start'> & { readonly why?: string };
  /** Desktop file id. */
  readonly id: string;
  /** To be called when it has been started. */
  started(): Promise<void>;
}

/** @param contextOf for what a call does, whose view may be asked for passwords */
export function appHandlers(
  base: AppsDeps,
  contextOf: (call: Call) => AppsDeps['context'],
): Pick<Handlers, 'apps.list' | 'apps.icons'> {
  const files = filesOf(base);
  const depsOf = (call: Call) => ({ ...base, context: contextOf(call) });
  return {
    'apps.list': async (params, call) => {
      const { listApps } = await import('../apps/apps.ts');
      const host = await appsHost(depsOf(call), params.host, call.signal);
      const { revision, applications } = await listApps(files, host, params.locale, call.signal);
      return revision === params.known ? { revision } : { revision, applications: [...applications] };
    },
    'apps.icons': async (params, call) => {
      const { iconsOf } = await import('../apps/apps.ts');
      const host = await appsHost(depsOf(call), params.host, call.signal);
      const icons = await iconsOf(files, host, params.ids, call.signal);
      return {
        icons: [...icons].map(([id, { type, data }]) => ({ id, type, data: data.toString('base64') })),
      };
    },
  };
}

/**
 * A start of an application as a start of its command, on a host that has been asked already.
 * @throws HotdeskError `application-missing`, `ambiguous`
 */
export async function startableApp(
  deps: AppsDeps,
  host: Host,
  params: Params<'start'>,
  text: string,
  signal: AbortSignal,
): Promise<StartableApp> {
  const { findApp, listApps, noteStarted } = await import('../apps/apps.ts');
  const files = filesOf(deps);
  const asked = await hostOf(deps, host);
  const { applications } = await listApps(files, asked, params.locale, signal);
  const app = findApp(text, applications, host.name);
  const { appBackends } = deps.settings.current();
  const own = Object.hasOwn(appBackends, app.id) ? appBackends[app.id] : undefined;
  return {
    id: app.id,
    params: {
      ...params,
      command: [...app.command],
      name: params.name ?? app.name,
      kind: params.kind ?? (app.terminal ? 'terminal' : 'app'),
      ...(params.backend === undefined && own !== undefined
        ? { backend: own, why: `The setting appBackends says ${own} for ${app.id}.` }
        : {}),
      ...(params.cwd !== undefined || app.path === undefined ? {} : { cwd: app.path }),
    },
    started: () => noteStarted(files, asked.key, app.id, Date.now()),
  };
}

async function appsHost(deps: AppsDeps, text: string | undefined, signal: AbortSignal): Promise<AppsHost> {
  if (text === undefined) return ownHost(deps);
  const named = await deps.context.findHost(text, signal);
  return hostOf(deps, await deps.context.askedHost(named, signal));
}

async function hostOf(deps: AppsDeps, host: Host): Promise<AppsHost> {
  if (host.state === 'local') return ownHost(deps);
  const { machine } = await deps.links.to(host).connect();
  const peer = await deps.context.peer(host);
  return { key: host.hostId ?? host.key, name: host.name, machine, peer };
}

function ownHost({ context, here }: AppsDeps): AppsHost {
  return { key: context.me.hostId, name: context.me.host, machine: here, peer: undefined };
}

function filesOf({ paths }: AppsDeps): AppsFiles {
  return { cache: join(paths.cacheDir, 'apps'), recent: join(paths.stateDir, 'recent-apps.json') };
}
