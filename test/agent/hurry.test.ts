import { describe, expect, it } from 'vitest';
import { type Around, hurried, saidOf } from '../../src/agent/hurry.ts';
import type { Host } from '../../src/model/host.ts';
import type { HostSession } from '../../src/model/session.ts';
import { HOST, sessionOf } from '../actions/fake-context.ts';
import { packaged } from '../contract/packaged.ts';

const profiles = ['xpra', 'vnc', 'tmux', 'rdp'].map(packaged);

function around(host: Partial<Host> = {}, sessions: HostSession[] = [sessionOf()]): Around {
  const rows = { hosts: [{ ...HOST, ...host }], sessions, answerOf: new Map() };
  return { rows: () => rows, profiles: () => profiles };
}

const seat = { id: ':7', kind: 'x11' as const, env: { DISPLAY: ':7' } };
const hurry = (line: string, where = around(), isTerminal = false) =>
  hurried({ words: line.split(' '), isTerminal, seat }, where);

describe('a head start that the agent goes along with', () => {
  it('opens at the seat that it came from', () => {
    expect(hurry('attach xterm')).toEqual({
      method: 'attach',
      params: { ref: 'xterm', mode: 'take', options: {}, seat: ':7' },
    });
    expect(hurry('move xterm')).toEqual({
      method: 'move',
      params: { ref: 'xterm', options: {}, seat: ':7' },
    });
    expect(hurry('start alpha -b vnc -- xterm')?.params).toMatchObject({ host: 'alpha', seat: ':7' });
  });

  it.each(['local', 'agent', 'agentless'] as const)('is for a host that is %s', (state) => {
    expect(hurry('attach xterm', around({ state }))?.method).toBe('attach');
    expect(hurry('start alpha -b xpra -- xterm', around({ state }))?.method).toBe('start');
  });

  it.each(['connecting', 'found', 'untrusted', 'rdp-only', 'asleep', 'unreachable'] as const)(
    'is not for one that is %s: its person may be asked first',
    (state) => {
      expect(hurry('attach xterm', around({ state }))).toBeUndefined();
      expect(hurry('start alpha -b xpra -- xterm', around({ state }))).toBeUndefined();
    },
  );

  it('is not for a backend that wants a password', () => {
    const session = sessionOf({ backend: 'rdp' });
    expect(hurry('attach xterm', around({}, [session]))).toBeUndefined();
    expect(hurry('start alpha -b rdp')).toBeUndefined();
    const first = { ...around(), profiles: () => [packaged('rdp'), ...profiles] };
    expect(hurry('start alpha -- xterm', first)).toBeUndefined();
    expect(hurry('start alpha -- xterm')?.params).toMatchObject({ command: ['xterm'] });
  });

  it('is not for a terminal session where a terminal is: that may be its place', () => {
    const build = sessionOf({ name: 'build', kind: 'terminal', backend: 'tmux' });
    expect(hurry('attach build', around({}, [build]), true)).toBeUndefined();
    expect(hurry('attach build', around({}, [build]), false)?.params).toMatchObject({ ref: 'build' });
    expect(hurry('start alpha -b tmux -- make', around(), true)).toBeUndefined();
    expect(hurry('start alpha', around(), true)).toBeUndefined();
    expect(hurry('start alpha -k terminal', around(), true)).toBeUndefined();
    expect(hurry('start alpha -- xterm', around(), true)?.params).toMatchObject({ command: ['xterm'] });
    expect(hurry('attach xterm', around(), true)?.params).toMatchObject({ ref: 'xterm' });
  });

  it('leaves it to the command to say what is wrong', () => {
    expect(hurry('attach nothing')).toBeUndefined();
    expect(hurry('start nowhere -- xterm')).toBeUndefined();
    expect(hurry('start alpha -b nothing -- xterm')).toBeUndefined();
    const two = [sessionOf(), sessionOf({ localId: '101', ref: 'xpra:101@alpha' })];
    expect(hurry('attach xterm', around({}, two))).toBeUndefined();
    expect(hurry('attach xterm', around({}, [sessionOf({ backend: 'gone' })]))).toBeUndefined();
    expect(hurry('attach --help')).toBeUndefined();
  });
});

describe('the line that is printed', () => {
  const viewer = {
    ...{ id: 'v', ref: 'xpra:100@alpha', hostKey: 'A', backend: 'xpra', localId: '100', seat: ':7' },
    ...{ since: 1, state: 'shown' as const },
  };
  const said = (part: Partial<HostSession>) => saidOf('attach', { session: sessionOf(part), viewer });

  it('is what the command would print', () => {
    expect(said({})).toBe('xterm@alpha is shown here.');
    expect(saidOf('move', { session: sessionOf(), viewer })).toBe('xterm@alpha is shown here.');
    expect(saidOf('start', { session: sessionOf(), viewer })).toBe(
      'xterm runs on alpha and is shown here (xpra:100@alpha).',
    );
    expect(said({ name: 'Ä 漢' })).toBe('Ä 漢@alpha is shown here.');
  });

  it('is left to the command where it is not so simple', () => {
    expect(saidOf('attach', { session: sessionOf() })).toBeUndefined();
    expect(saidOf('attach', { session: sessionOf(), viewer, wantsTerminal: true })).toBeUndefined();
    for (const name of ['a\u001b[31mb', 'a\nb', 'a\u202eb', '\ud800', '`hotdesk stop a`', 'x'.repeat(1000)]) {
      expect(said({ name })).toBeUndefined();
    }
  });
});
