import { describe, expect, it } from 'vitest';
import { excerptOf } from '../../../src/protocol/excerpt.ts';
import { viewOf } from '../../../src/tray/menu/menu.ts';
import { LONG, SHORT } from '../../../src/tray/menu/model.ts';
import { sample } from '../../cli/samples.ts';
import { ALL, actionOf, find, host, input, inside, labels, many, session } from '../samples.ts';

const menuOf = (more: Parameters<typeof input>[0] = {}) => viewOf(input(more), LONG).menu;

describe('the menu', () => {
  it('has sessions, hosts, and what is for all', () => {
    expect(labels(menuOf())).toEqual([
      'build — gamma',
      'xterm — alpha (shown here)',
      '-',
      'here — this machine',
      'alpha (1)',
      'gamma (1)',
      '-',
      'Bring all here (1)',
      'Detach all here (1)',
      '-',
      'Open terminal list',
      'Preferences',
      'Quit',
    ]);
  });

  it('puts detached sessions first, the latest of them on top, then those shown elsewhere with where', () => {
    const snapshot = sample({
      sessions: [
        session('here', 'alpha', { localId: '1', watchers: [{ hostId: 'id-here' }] }),
        session('away', 'alpha', { localId: '2', watchers: [{ host: 'gamma' }] }),
        session('unknown', 'alpha', { localId: '3', startedAt: 9, watchers: [{}] }),
        session('old', 'alpha', { localId: '4', startedAt: 1 }),
        session('new', 'alpha', { localId: '5', startedAt: 2 }),
        session('ended', 'alpha', { localId: '6', startedAt: 3, state: 'dead' }),
      ],
    });
    expect(labels(menuOf({ snapshot })).slice(0, 6)).toEqual([
      'new — alpha',
      'old — alpha',
      'ended — alpha (dead)',
      'unknown — alpha (shown at ?)',
      'away — alpha (shown at gamma)',
      'here — alpha (shown here)',
    ]);
  });

  it('tells sessions of one name apart, and says what is under way', () => {
    const sessions = [
      session('xterm', 'alpha', { localId: '1' }),
      session('xterm', 'alpha', { localId: '2' }),
    ];
    const menu = menuOf({
      snapshot: sample({ sessions }),
      underWay: new Map([[sessions[0]?.ref ?? '', 'opening']]),
    });
    expect(labels(menu).slice(0, 2)).toEqual(['xterm (xpra:1) — alpha (opening)', 'xterm (xpra:2) — alpha']);
  });
});

describe('a session', () => {
  const away = session('gimp', 'alpha', { watchers: [{ host: 'gamma' }] });
  const verbs = (can: readonly string[], s = away, more = {}) =>
    inside(
      find(menuOf({ snapshot: sample({ sessions: [s] }), can: new Map([['xpra', can]]), ...more }), s.name),
    );

  it('offers what its backend can, and nothing else', () => {
    expect(verbs(ALL)).toEqual(['Bring here', 'Share here', 'Show read-only', 'Open at', 'Detach', 'Stop…']);
    expect(verbs(['attach'])).toEqual(['Bring here']);
    expect(verbs([])).toEqual(['xpra sessions are only listed']);
  });

  it('offers what makes sense where it is', () => {
    expect(verbs(ALL, session('gimp', 'alpha'))).toEqual(['Open here', 'Show read-only', 'Open at', 'Stop…']);
    expect(verbs(ALL, session('gimp', 'alpha', { watchers: [{ hostId: 'id-here' }] }))).toEqual([
      ...['Open at', 'Detach', 'Stop…'],
    ]);
    expect(verbs([...ALL, 'rename'], session('gimp', 'alpha', { state: 'dead' }))).toEqual(['Stop…']);
    expect(verbs([...ALL, 'rename'], session('gimp', 'alpha')).slice(-2)).toEqual(['Rename…', 'Stop…']);
    // Without a display nothing can be opened here.
    expect(verbs(ALL, session('gimp', 'alpha'), { seat: undefined })).toEqual(['Open at', 'Stop…']);
  });

  it('asks before it stops', () => {
    const stop = find(menuOf(), 'build', 'Stop…');
    expect(actionOf(stop)).toBeUndefined();
    expect(actionOf(find([stop], 'Stop…', 'Yes, end build'))).toEqual({ do: 'stop', ref: 'tmux:3@gamma' });
  });

  it('goes to other seats: of this machine, and of hosts with an agent where it is not shown yet', () => {
    const snapshot = sample({
      hosts: [...sample().hosts, host('bare', { state: 'agentless' })],
      sessions: [away],
      seats: [':0', ':1'].map((id) => ({ id, kind: 'x11' as const, env: {} })),
    });
    const at = find(menuOf({ snapshot }), 'gimp', 'Open at');
    expect(inside(at)).toEqual([':1 here', 'alpha']);
    expect(actionOf(find([at], 'Open at', ':1'))).toEqual({ do: 'open-at', ref: away.ref, seat: ':1' });
    expect(actionOf(find([at], 'Open at', 'alpha'))).toEqual({ do: 'send', ref: away.ref, to: 'k-alpha' });
  });
});

describe('without an agent', () => {
  it('says why and offers to start it', () => {
    const view = viewOf(input({ snapshot: undefined, problem: 'No hotdesk agent is running.' }), LONG);
    expect(labels(view.menu)).toEqual(['No hotdesk agent is running.', 'Start the agent', '-', 'Quit']);
    expect(view).toMatchObject({ icon: 'offline', tooltip: 'hotdesk: No hotdesk agent is running.' });
  });
});

describe('the icon and its tooltip', () => {
  it.each([
    ['idle', {}, 'hotdesk: no sessions', { snapshot: sample({ sessions: [] }) }],
    ['sessions', {}, 'hotdesk: 2 sessions, 1 shown here', {}],
    [
      'attention',
      {},
      'hotdesk: gimp came from gamma',
      { notices: [{ id: 'n', text: 'gimp came from gamma', choices: [] }] },
    ],
    ['offline', {}, 'hotdesk: no agent answers', { snapshot: undefined }],
  ] as const)('%s', (icon, _, tooltip, more) => {
    expect(viewOf(input(more), LONG)).toMatchObject({ icon, tooltip });
  });
});

describe('notices', () => {
  it('are on top with their choices', () => {
    const menu = menuOf({
      notices: [
        { id: '1', text: 'gimp came from gamma', choices: [{ id: 'keep', label: 'Keep' }] },
        { id: '2', text: 'beta is back', choices: [] },
      ],
    });
    expect(labels(menu).slice(0, 3)).toEqual(['gimp came from gamma', 'beta is back', '-']);
    expect(actionOf(find(menu, 'gimp came', 'Keep'))).toEqual({ do: 'answer', notice: '1', choice: 'keep' });
    expect(actionOf(find(menu, 'beta is back'))).toEqual({ do: 'answer', notice: '2', choice: 'read' });
  });
});

describe('long lists', () => {
  it('are cut, and lead to the rest', () => {
    const menu = viewOf(input({ snapshot: many(200, 20) }), SHORT).menu;
    expect(actionOf(find(menu, 'More… (3990)'))).toEqual({ do: 'show-list' });
    expect(actionOf(find(menu, 'More… (193)'))).toEqual({ do: 'show-hosts' });
    expect(inside(find(menu, 'session', 'Open at')).at(-1)).toMatch(/^More… \(19\d\)$/u);
    expect(actionOf(find(menu, 'Bring all here (4000)', 'Yes, all 4000'))).toEqual({ do: 'bring-all' });
  });

  it('count what the agent left out', () => {
    const whole = many(200, 20);
    const part = excerptOf(whole, { hosts: 40, sessions: 40 });
    expect(labels(menuOf({ snapshot: part }))).toEqual(labels(menuOf({ snapshot: whole })));
  });
});
