import { describe, expect, it } from 'vitest';
import { emptyNote, listLines, listNotes, sorted } from '../../src/cli/list-table.ts';
import { render } from '../../src/cli/style.ts';
import { host, sample, session } from './samples.ts';

const text = (snapshot = sample(), width = 80) =>
  listLines(sorted(snapshot), snapshot, 1000 + 7200, width).map((line) => render(line, false));

describe('hotdesk list', () => {
  it('shows host, name, backend, age and where it is shown', () => {
    expect(text()).toEqual([
      'HOST   NAME   BACKEND  AGE  SHOWN AT',
      'alpha  xterm  xpra     2h   here',
      'gamma  build  tmux     2h   -',
    ]);
  });

  it('puts this machine’s sessions first, then goes by host and name', () => {
    const sessions = [session('b', 'alpha'), session('z', 'here'), session('a', 'alpha', { localId: '2' })];
    expect(sorted(sample({ sessions })).map((s) => `${s.name}@${s.host}`)).toEqual([
      'z@here',
      'a@alpha',
      'b@alpha',
    ]);
  });

  it('tells two sessions of one name on one host apart', () => {
    const sessions = [
      session('xterm', 'alpha'),
      session('xterm', 'alpha', { localId: '101' }),
      session('xterm', 'gamma'),
    ];
    expect(text(sample({ sessions })).slice(1)).toEqual([
      'alpha  xterm (xpra:100)  xpra     -    -',
      'alpha  xterm (xpra:101)  xpra     -    -',
      'gamma  xterm             xpra     -    -',
    ]);
  });

  it('marks a dead session', () => {
    const dead = sample({ sessions: [session('xterm', 'alpha', { state: 'dead', startedAt: 1 })] });
    expect(text(dead)[1]).toBe('alpha  xterm  xpra     dead  -');
  });
});

describe('notes below the list', () => {
  it('name the hosts that could not be asked, with the cure', () => {
    const problem = {
      code: 'host-key-unknown',
      message: 'Its key is not known.',
      hint: 'Run `hotdesk trust beta`.',
    };
    const hosts = [
      host('beta', { state: 'untrusted', problem }),
      host('delta', { state: 'unreachable' }),
      host('eps', { state: 'connecting' }),
    ];
    expect(listNotes(sample({ hosts }))).toEqual([
      'beta: Its key is not known. Run `hotdesk trust beta`.',
      'delta: delta is unreachable.',
      'Not answered yet: eps.',
    ]);
  });

  it('say whose sessions are of an earlier time, once a backend and host', () => {
    const sessions = ['1', '2'].map((localId) => session(`s${localId}`, 'alpha', { localId, stale: true }));
    expect(listNotes(sample({ sessions }))).toEqual([
      'xpra on alpha does not answer: its sessions are shown as it listed them last.',
    ]);
  });

  it('say what to try when there is nothing', () => {
    expect(emptyNote(sample())).toContain('hotdesk start here -- xterm');
    expect(emptyNote(sample())).toContain('2 other hosts found');
    expect(emptyNote(sample({ hosts: [host('here', { key: 'k-here' })] }))).toContain('hotdesk doctor');
  });
});
