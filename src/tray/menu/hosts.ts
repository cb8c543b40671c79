/** Hosts: their state, what can be started there, and what to do about those that do not answer. Pure. */
import type { Host } from '../../model/host.ts';
import type { Snapshot } from '../../protocol/api.ts';
import { compareHeadings, headingOf } from './categories.ts';
import type { HostApps, MenuApp, MenuInput } from './input.ts';
import { branch, cut, distinct, leaf, line } from './items.ts';
import type { MenuLimits, MenuNode } from './model.ts';
import { totalOf } from './sessions.ts';

type Asked = MenuInput & { readonly snapshot: Snapshot };

/** Applications that were used lately are above the categories. */
const RECENT = 5;

export function hostItems(input: Asked, limits: MenuLimits): MenuNode[] {
  const { hosts, sessions, totals } = input.snapshot;
  const counts = new Map<string, number>(Object.entries(totals?.counts ?? {}));
  if (!totals) for (const { hostKey } of sessions) counts.set(hostKey, (counts.get(hostKey) ?? 0) + 1);
  // What one host takes of the items is not there for the next.
  let left = limits.apps;
  return cut(
    hosts,
    limits.hosts,
    (host) => {
      const apps = input.apps.get(host.key);
      const limited = appsWithin(apps, left);
      if (limited?.state === 'known') left -= limited.apps.length;
      return hostItem(input, host, counts.get(host.key) ?? 0, { apps: limited, all: apps }, limits);
    },
    (rest) => leaf('more-hosts', `More… (${rest})`, { do: 'show-hosts' }),
    totalOf(input.snapshot).hosts,
  );
}

function appsWithin(apps: HostApps | undefined, limit: number): HostApps | undefined {
  if (apps?.state !== 'known' || apps.apps.length <= limit) return apps;
  return { state: 'known', apps: apps.apps.slice(0, Math.max(0, limit)) };
}

interface Apps {
  /** As many as the menu has room for. */
  readonly apps: HostApps | undefined;
  readonly all: HostApps | undefined;
}

function hostItem(input: Asked, host: Host, count: number, apps: Apps, limits: MenuLimits): MenuNode {
  const id = `host/${host.key}`;
  const word = STATE_WORDS[host.state];
  const text = [host.name, count > 0 ? `(${count})` : '', word && `— ${word}`].filter(Boolean).join(' ');
  const items: MenuNode[] = [];
  if (isUsable(host)) items.push(...startItems(input, host, id, apps, limits));
  // Where there is SSH its sessions are the better way.
  else if (host.rdp && input.seat !== undefined)
    items.push(
      leaf(
        `${id}/open`,
        host.state === 'rdp-only' ? 'Open here' : 'Open by RDP',
        { do: 'open-host', host: host.key },
        { icon: 'video-display-symbolic' },
      ),
    );
  items.push(...stateLines(host, id));
  if (host.state === 'untrusted')
    items.push(leaf(`${id}/set-up`, 'Set up…', { do: 'set-up', host: host.key }));
  if (host.state === 'unreachable' || host.state === 'asleep' || host.state === 'found')
    items.push(leaf(`${id}/look`, LOOK_WORDS[host.state], { do: 'look', host: host.key }));
  return branch(id, text, items, host.state === 'local' ? 'computer-symbolic' : 'network-server-symbolic');
}

const LOOK_WORDS = { unreachable: 'Try again', asleep: 'Try again', found: 'Ask it now' } as const;

/** Said beside its name, where it is not as it should be. */
const STATE_WORDS: Readonly<Record<Host['state'], string>> = {
  local: 'this machine',
  agent: '',
  agentless: '',
  connecting: 'connecting',
  found: '',
  untrusted: 'to be set up',
  'rdp-only': 'RDP',
  asleep: 'asleep',
  unreachable: 'not reachable',
};

function isUsable(host: Host): boolean {
  return host.state === 'local' || host.state === 'agent' || host.state === 'agentless';
}

function stateLines(host: Host, id: string): MenuNode[] {
  const { problem } = host;
  switch (host.state) {
    case 'local':
      return [line(`${id}/state`, `hotdesk ${host.version ?? ''} here`)];
    case 'agent':
      return [line(`${id}/state`, `hotdesk ${host.version ?? ''} answers`)];
    case 'agentless':
      return [line(`${id}/state`, 'Used over SSH; no hotdesk runs there')];
    case 'connecting':
      return [line(`${id}/state`, 'Connecting…')];
    case 'found':
      return [line(`${id}/state`, 'Found, not asked yet')];
    case 'rdp-only':
      return [line(`${id}/state`, 'It speaks RDP; no SSH is known of')];
    case 'asleep':
      return [line(`${id}/state`, 'It said that it goes to sleep')];
    case 'untrusted':
    case 'unreachable': {
      const why = problem?.message ?? `It is ${STATE_WORDS[host.state]}.`;
      const hint = problem?.hint === undefined ? [] : [line(`${id}/hint`, problem.hint)];
      return [line(`${id}/state`, why), ...hint];
    }
  }
}

/** Start ▸ the latest, categories, a terminal, any command. */
function startItems(
  input: Asked,
  host: Host,
  id: string,
  { apps, all }: Apps,
  limits: MenuLimits,
): MenuNode[] {
  const known = apps?.state === 'known' ? apps.apps : [];
  const every = all?.state === 'known' ? all.apps : [];
  const backends = Object.keys(host.backends ?? {});
  const items: MenuNode[] = [];
  // They are few, and what is started most may be far down in the list of its host.
  const recent = every.filter((app) => app.usedAt !== undefined);
  recent.sort((one, other) => (other.usedAt ?? 0) - (one.usedAt ?? 0));
  items.push(
    ...distinct(recent, byId)
      .slice(0, RECENT)
      .map((app) => appItem(`${id}/recent`, host, app)),
  );
  items.push(...categoryItems(known, host, id, limits));
  const left = every.length - known.length;
  if (left > 0) items.push(leaf(`${id}/more-apps`, `More… (${left})`, { do: 'show-apps', host: host.key }));
  if (apps?.state === 'asking') items.push(line(`${id}/asking`, 'Looking for applications…'));
  if (apps?.state === 'failed') items.push(line(`${id}/no-apps`, `No applications: ${apps.why}`));
  if (backends.some((name) => input.terminals.has(name)))
    items.push(
      leaf(
        `${id}/terminal`,
        'Terminal',
        { do: 'start-terminal', host: host.key },
        { icon: 'utilities-terminal-symbolic' },
      ),
    );
  if (backends.length > 0)
    items.push(
      leaf(
        `${id}/run`,
        'Run command…',
        { do: 'run-command', host: host.key },
        { icon: 'system-run-symbolic' },
      ),
    );
  return items.length > 0
    ? [branch(`${id}/start`, 'Start', items)]
    : [line(`${id}/start`, 'Nothing that hotdesk can start')];
}

function categoryItems(apps: readonly MenuApp[], host: Host, id: string, limits: MenuLimits): MenuNode[] {
  const categories = new Map<string, MenuApp[]>();
  for (const app of distinct(apps, byId)) {
    const name = headingOf(app.categories);
    const list = categories.get(name);
    if (list) list.push(app);
    else categories.set(name, [app]);
  }
  const sorted = [...categories].sort(([one], [other]) => compareHeadings(one, other));
  return sorted.map(([name, list]) =>
    branch(
      `${id}/category/${name}`,
      name,
      cut(
        list,
        limits.appsInCategory,
        (app) => appItem(`${id}/app`, host, app),
        (left) => leaf(`${id}/category/${name}/more`, `More… (${left})`, { do: 'show-apps', host: host.key }),
      ),
    ),
  );
}

const byId = (app: MenuApp) => app.id;

function appItem(prefix: string, host: Host, app: MenuApp): MenuNode {
  // A file of that host says nothing here; a name of the icon theme may be known.
  const icon = app.icon?.includes('/') ? undefined : app.icon;
  return leaf(`${prefix}/${app.id}`, app.name, { do: 'start', host: host.key, app: app.id }, { icon });
}
