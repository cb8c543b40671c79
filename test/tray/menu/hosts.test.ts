/** What the menu has for each host. The menu as a whole: menu.test.ts. */
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../src/model/host.ts';
import { hostItems } from '../../../src/tray/menu/hosts.ts';
import type { MenuApp } from '../../../src/tray/menu/input.ts';
import { viewOf } from '../../../src/tray/menu/menu.ts';
import { LONG, SHORT } from '../../../src/tray/menu/model.ts';
import { sample } from '../../cli/samples.ts';
import { actionOf, find, host, input, inside, labels, many } from '../samples.ts';

const menuOf = (more: Parameters<typeof input>[0] = {}) => viewOf(input(more), LONG).menu;
const itemsOf = (hosts: readonly Host[], more: Parameters<typeof input>[0] = {}, limits = LONG) => {
  const snapshot = more.snapshot ?? sample({ hosts: [...hosts], sessions: [] });
  return hostItems({ ...input(more), snapshot }, limits);
};
const app = (id: string, more: Partial<MenuApp> = {}): MenuApp => ({ id, name: id, categories: [], ...more });

describe('a host', () => {
  const hostMenu = (more: Partial<Host>, apps?: Parameters<typeof input>[0]) =>
    inside(
      find(menuOf({ snapshot: sample({ hosts: [host('beta', more)], sessions: [] }), ...apps }), 'beta'),
    );

  it('says its state, and what to do about it', () => {
    const problem = { code: 'host-unreachable', message: 'beta does not answer.', hint: 'Is it on?' };
    expect(hostMenu({ state: 'agentless', backends: {} })).toEqual([
      'Nothing that hotdesk can start',
      'Used over SSH; no hotdesk runs there',
    ]);
    expect(hostMenu({ state: 'unreachable', problem })).toEqual([
      'beta does not answer.',
      'Is it on?',
      'Try again',
    ]);
    expect(hostMenu({ state: 'untrusted', problem })).toEqual([
      'beta does not answer.',
      'Is it on?',
      'Set up…',
    ]);
    expect(hostMenu({ state: 'found' })).toEqual(['Found, not asked yet', 'Ask it now']);
    expect(hostMenu({ state: 'connecting' })).toEqual(['Connecting…']);
    expect(hostMenu({ state: 'agent', version: '1.2' })).toEqual([
      'Nothing that hotdesk can start',
      'hotdesk 1.2 answers',
    ]);
  });

  it('starts applications by category, those used lately first', () => {
    const apps = [
      { id: 'org.gimp', name: 'GIMP', categories: ['Graphics', '2DGraphics'], usedAt: 5, icon: 'gimp' },
      {
        id: 'firefox',
        name: 'Firefox',
        categories: ['Network', 'WebBrowser'],
        usedAt: 9,
        icon: '/opt/x.png',
      },
      { id: 'odd', name: 'Odd', categories: [] },
      { id: 'calc', name: 'Calc', categories: ['Utility'] },
    ];
    const menu = menuOf({
      snapshot: sample({ hosts: [host('beta', { backends: { xpra: '3', tmux: '3' } })] }),
      apps: new Map([['k-beta', { state: 'known', apps }]]),
    });
    const start = find(menu, 'beta', 'Start');
    expect(inside(start)).toEqual([
      ...['Firefox', 'GIMP', 'Accessories', 'Graphics', 'Internet', 'Other', 'Terminal', 'Run command…'],
    ]);
    expect(find([start], 'Start', 'Firefox')).not.toHaveProperty('icon');
    expect(find([start], 'Start', 'Graphics', 'GIMP')).toMatchObject({
      icon: 'gimp',
      action: { do: 'start', host: 'k-beta', app: 'org.gimp' },
    });
  });

  it('offers a terminal where a backend keeps terminals, and says that applications are awaited or not to be had', () => {
    const start = (backends: Record<string, string>, apps: Parameters<typeof input>[0]) =>
      inside(
        find(menuOf({ snapshot: sample({ hosts: [host('beta', { backends })] }), ...apps }), 'beta', 'Start'),
      );
    expect(start({ xpra: '3' }, {})).toEqual(['Run command…']);
    expect(start({ tmux: '3' }, { apps: new Map([['k-beta', { state: 'asking' }]]) })).toEqual([
      ...['Looking for applications…', 'Terminal', 'Run command…'],
    ]);
    expect(
      start({ tmux: '3' }, { apps: new Map([['k-beta', { state: 'failed', why: 'no answer' }]]) })[0],
    ).toBe('No applications: no answer');
  });
});

describe('its state', () => {
  it.each([
    ['local', 'beta — this machine', []],
    ['connecting', 'beta — connecting', []],
    ['asleep', 'beta — asleep', ['look']],
    ['untrusted', 'beta — to be set up', ['set-up']],
    ['unreachable', 'beta — not reachable', ['look']],
    ['found', 'beta', ['look']],
  ] as const)('%s is said beside its name, with what can be done', (state, label, acts) => {
    const [item] = itemsOf([host('beta', { state })]);
    expect(item?.label).toBe(label);
    const nodes = item?.kind === 'branch' ? item.children : [];
    const actions = nodes.flatMap((node) => actionOf(node) ?? []);
    expect(actions).toEqual(acts.map((act) => ({ do: act, host: 'k-beta' })));
  });

  it('is said in words of hotdesk where nobody said why', () => {
    expect(itemsOf([host('beta', { state: 'untrusted' })]).flatMap(inside)).toContain('It is to be set up.');
    expect(itemsOf([host('beta', { state: 'unreachable' })]).flatMap(inside)).toContain(
      'It is not reachable.',
    );
  });
});

it('counts sessions as the agent does, where it told of some only', () => {
  const snapshot = {
    ...sample(),
    totals: { hosts: 9, sessions: 70, counts: { 'k-alpha': 70, toString: 3 } },
  };
  expect(labels(itemsOf([], { snapshot: snapshot as never }))).toEqual([
    ...['here — this machine', 'alpha (70)', 'gamma', 'More… (6)'],
  ]);
});

describe('applications', () => {
  const apps = (list: readonly MenuApp[], key = 'k-beta') =>
    new Map([[key, { state: 'known' as const, apps: list }]]);
  const beta = host('beta', { backends: { xpra: '3' } });

  it('have a common budget of all hosts', () => {
    const apps = Array.from({ length: 100 }, (_, n) => ({ id: `a${n}`, name: `App ${n}`, categories: [] }));
    const menu = viewOf(
      input({
        snapshot: many(3, 0),
        apps: new Map(['k-h0', 'k-h1', 'k-h2'].map((key) => [key, { state: 'known' as const, apps }])),
      }),
      SHORT,
    ).menu;
    expect(inside(find(menu, 'h0', 'Start', 'Other'))).toHaveLength(SHORT.appsInCategory + 1);
    expect(actionOf(find(menu, 'h1', 'Start', 'More… (100)'))).toEqual({ do: 'show-apps', host: 'k-h1' });
    expect(actionOf(find(menu, 'h2', 'Start', 'More… (100)'))).toEqual({ do: 'show-apps', host: 'k-h2' });
  });

  it('that were used lately are there, however far down the list they are', () => {
    const all = Array.from({ length: 300 }, (_, n) => app(`a${n}`, n > 290 ? { usedAt: n } : {}));
    const items = itemsOf([beta], { apps: apps(all) }, SHORT);
    expect(inside(find(items, 'beta', 'Start'))).toEqual([
      ...['a299', 'a298', 'a297', 'a296', 'a295', 'Other', 'More… (200)', 'Run command…'],
    ]);
    expect(actionOf(find(items, 'beta', 'Start', 'a299'))).toEqual({
      do: 'start',
      host: 'k-beta',
      app: 'a299',
    });
    // Nor does a host before it take their place.
    const first = host('able', { backends: { xpra: '3' } });
    const both = new Map([...apps(all, 'k-able'), ...apps(all)]);
    expect(inside(find(itemsOf([first, beta], { apps: both }, SHORT), 'beta', 'Start'))[0]).toBe('a299');
  });

  it('are told by their id: one that a host lists twice is there once', () => {
    const twice = [app('x', { usedAt: 1 }), app('x', { usedAt: 2, name: 'other' })];
    const start = find(itemsOf([beta], { apps: apps(twice) }), 'beta', 'Start');
    expect(inside(start)).toEqual(['other', 'Other', 'Run command…']);
    expect(inside(find([start], 'Start', 'Other'))).toEqual(['x']);
  });
});

describe('a host with RDP', () => {
  const rdp = { host: 'desk.local', port: 3389, typed: false };
  const items = (state: Host['state'], more: Parameters<typeof input>[0] = {}) =>
    inside(find(menuOf({ snapshot: sample({ hosts: [host('desk', { state, rdp })] }), ...more }), 'desk'));

  it('and nothing else is opened here, and not set up, asked or started on', () => {
    expect(items('rdp-only')).toEqual(['Open here', 'It speaks RDP; no SSH is known of']);
    expect(items('rdp-only', { seat: undefined })).toEqual(['It speaks RDP; no SSH is known of']);
    const menu = menuOf({ snapshot: sample({ hosts: [host('desk', { state: 'rdp-only', rdp })] }) });
    expect(actionOf(find(menu, 'desk — RDP', 'Open here'))).toEqual({ do: 'open-host', host: 'k-desk' });
  });

  it('and SSH that cannot be used now can be opened all the same; where it can, its sessions are', () => {
    expect(items('unreachable')).toContain('Open by RDP');
    expect(items('agent').join()).not.toContain('RDP');
  });
});
