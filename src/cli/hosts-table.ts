/** What `hotdesk hosts` shows. Pure. */
import type { Host, HostState } from '../model/host.ts';
import type { Snapshot } from '../protocol/api.ts';
import { addressesOf, advertisedOf } from './as-json.ts';
import type { Span, Style } from './style.ts';
import { type Cell, type Column, table } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'NAME', min: 8 },
  { title: 'STATE', min: 6 },
  { title: 'ADDRESS', min: 8 },
  { title: 'BACKENDS', min: 6 },
  { title: 'FOUND BY', min: 6 },
  { title: 'PROBLEM', min: 10 },
];

const STATES: Readonly<Record<HostState, { text: string; style?: Style }>> = {
  local: { text: 'this machine', style: 'green' },
  agent: { text: 'agent', style: 'green' },
  agentless: { text: 'no agent' },
  connecting: { text: 'connecting', style: 'dim' },
  found: { text: 'found', style: 'dim' },
  untrusted: { text: 'untrusted', style: 'yellow' },
  'rdp-only': { text: 'RDP only' },
  asleep: { text: 'asleep', style: 'dim' },
  unreachable: { text: 'unreachable', style: 'red' },
};

/** This machine first, then by name. */
export function sortedHosts(snapshot: Snapshot): Host[] {
  const here = (host: Host) => (host.key === snapshot.self ? 0 : 1);
  return [...snapshot.hosts].sort(
    (a, b) => here(a) - here(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

export function hostLines(hosts: readonly Host[], width: number): Span[][] {
  return table(COLUMNS, hosts.map(row), width);
}

function row(host: Host): Cell[] {
  const { text, style } = STATES[host.state];
  return [
    host.name,
    style ? { text, style } : text,
    addressesOf(host)[0] ?? host.hostName ?? '-',
    backendsOf(host),
    host.finders.join(', ') || '-',
    host.problem ? { text: host.problem.message, style: 'yellow' } : '',
  ];
}

/** Known backends with versions, or how many sessions the adverts claim. */
function backendsOf(host: Host): string {
  const known = Object.entries(host.backends ?? {}).map(([name, version]) => `${name} ${version}`.trim());
  if (known.length > 0) return known.join(', ');
  const advertised = advertisedOf(host);
  if (host.state === 'rdp-only') return 'rdp';
  return advertised === undefined ? '-' : `(${advertised} advertised)`;
}

/** What would cure each problem. */
export function hostHints(hosts: readonly Host[]): string[] {
  return hosts.flatMap((host) => (host.problem?.hint ? [`${host.name}: ${host.problem.hint}`] : []));
}
