/**
 * The applications of hosts: asked of the agent there, or read over SSH where there is none; kept with
 * their revision. A bundle of its own, loaded when somebody asks.
 */
import type { PeerCalls } from '../../actions/context.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import { sanitise, sanitiseName } from '../../kernel/text.ts';
import type { Application } from '../../model/application.ts';
import type { Machine } from '../../model/machine.ts';
import { readApplications } from '../../viewer/applications.ts';
import { ICONS_AT_ONCE, type Icon, iconOf, readIcons } from '../../viewer/icon-files.ts';
import { AppCache, type KeptList } from './cache.ts';
import { noteUse, recentlyUsed } from './recent.ts';

/** One host that is asked. */
export interface AppsHost {
  /** Stable, also when the host's address or name changes. */
  readonly key: string;
  readonly name: string;
  readonly machine: Machine;
  /** Undefined: this machine, or a host without an agent. */
  readonly peer: PeerCalls | undefined;
}

export interface AppsFiles {
  readonly cache: string;
  readonly recent: string;
}

/**
 * Every application of a host, those that are hidden by default marked.
 * @param locale of the person who reads the names
 * @throws HotdeskError why the host cannot be asked
 */
export async function listApps(
  files: AppsFiles,
  host: AppsHost,
  locale: string | undefined,
  signal: AbortSignal,
): Promise<KeptList> {
  const list = await current(new AppCache(files.cache), host, locale ?? '', signal);
  const used = await recentlyUsed(files.recent, host.key);
  return {
    revision: list.revision,
    applications: list.applications.map((app) => {
      const usedAt = used.get(app.id);
      return usedAt === undefined ? app : { ...app, usedAt };
    }),
  };
}

async function current(
  cache: AppCache,
  host: AppsHost,
  locale: string,
  signal: AbortSignal,
): Promise<KeptList> {
  const kept = await cache.list(host.key, locale);
  const { revision, applications } = await ask(host, kept?.revision ?? '', locale, signal);
  if (kept && !applications) return kept;
  const list = { revision, applications: applications ?? [] };
  await cache.keepList(host.key, locale, list);
  return list;
}

async function ask({ machine, peer }: AppsHost, known: string, locale: string, signal: AbortSignal) {
  if (!peer) return readApplications(machine, known, locale, signal);
  try {
    const told = await peer.call('apps.list', { known, locale }, signal);
    return { ...told, applications: told.applications?.map(tidy) };
  } catch (error) {
    // An agent of before there was such a question.
    if (!(error instanceof HotdeskError) || error.code !== 'protocol-error') throw error;
    return readApplications(machine, known, locale, signal);
  }
}

/** What another machine's agent says, as safe to show as what is read here. */
export function tidy(app: Application): Application {
  const { usedAt: _there, ...rest } = app;
  return {
    ...rest,
    name: sanitiseName(app.name, sanitiseName(app.id, 'application')),
    categories: app.categories.map((category) => sanitise(category, 60)).filter(Boolean),
    ...(app.comment === undefined ? {} : { comment: sanitise(app.comment) }),
    ...(app.windowClass === undefined ? {} : { windowClass: sanitise(app.windowClass, 120) }),
  };
}

/**
 * The icons of a host's applications, by id; those that have none are not in the answer.
 * @throws HotdeskError why the host cannot be asked
 */
export async function iconsOf(
  files: AppsFiles,
  host: AppsHost,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Icon>> {
  const cache = new AppCache(files.cache);
  const { revision, applications } = await current(cache, host, '', signal);
  const wanted = applications.filter(({ id, icon }) => icon !== undefined && ids.includes(id));
  const found = new Map<string, Icon>();
  const missing: { id: string; icon: string }[] = [];
  for (const { id, icon = '' } of wanted.slice(0, ICONS_AT_ONCE)) {
    const kept = await cache.icon(host.key, revision, icon);
    if (kept === undefined) missing.push({ id, icon });
    else if (kept !== 'none') found.set(id, kept);
  }
  if (missing.length === 0) return found;
  const read = await fetchIcons(host, missing, signal);
  for (const { id, icon } of missing) {
    const got = read.get(id);
    if (got) found.set(id, got);
    await cache.keepIcon(host.key, revision, icon, got ?? 'none');
  }
  return found;
}

async function fetchIcons(
  { machine, peer }: AppsHost,
  wanted: readonly { id: string; icon: string }[],
  signal: AbortSignal,
): Promise<Map<string, Icon>> {
  if (!peer) {
    const names = wanted.map(({ icon }) => icon);
    const read = await readIcons(machine, names, signal);
    return new Map(wanted.flatMap(({ id, icon }) => entryOf(id, read.get(icon))));
  }
  const { icons } = await peer.call('apps.icons', { ids: wanted.map(({ id }) => id) }, signal);
  return new Map(icons.flatMap(({ id, data }) => entryOf(id, iconOf(Buffer.from(data, 'base64')))));
}

function entryOf(id: string, icon: Icon | undefined): [string, Icon][] {
  return icon ? [[id, icon]] : [];
}

/**
 * The application that `text` means on a host: by its id, its id without the part before the last dot, or its name.
 * @throws HotdeskError `application-missing`, `ambiguous`
 */
export function findApp(text: string, list: readonly Application[], host: string): Application {
  const wanted = text.replace(/\.desktop$/u, '').toLowerCase();
  const tiers: readonly ((app: Application) => boolean)[] = [
    (app) => app.id.toLowerCase() === wanted,
    (app) => app.id.toLowerCase().split('.').at(-1) === wanted,
    (app) => app.name.toLowerCase() === wanted,
  ];
  for (const matches of tiers) {
    const found = list.filter(matches);
    if (found.length === 1 && found[0]) return found[0];
    if (found.length > 1) {
      throw new HotdeskError('ambiguous', `“${text}” could be ${found.length} applications of ${host}.`, {
        candidates: found.map(({ id }) => id),
        hint: 'Write one of them.',
      });
    }
  }
  const near = list.filter(({ id, name }) => `${id} ${name}`.toLowerCase().includes(wanted));
  throw new HotdeskError('application-missing', `${host} has no application “${text}”.`, {
    candidates: near.slice(0, 8).map(({ id }) => id),
    hint: `See \`hotdesk apps ${host} --all\`; a program without an entry there: \`hotdesk start ${host} -- PROGRAM\`.`,
  });
}

/** Takes note that it was started. Never throws: that is no reason to fail a start. */
export async function noteStarted(
  files: AppsFiles,
  hostKey: string,
  id: string,
  nowMs: number,
): Promise<void> {
  await noteUse(files.recent, hostKey, id, Math.floor(nowMs / 1000)).catch(() => {});
}
