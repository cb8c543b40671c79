import { describe, expect, it } from 'vitest';
import { SeatEvents } from '../../src/agent/seat-events.ts';
import { SessionNews } from '../../src/agent/session-news.ts';
import type { Rows } from '../../src/catalogue/reduce.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { Viewer } from '../../src/model/viewer.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import { HOST, sessionOf } from '../actions/fake-context.ts';
import { fakeMachine } from '../profiles/fake-machine.ts';
import { smallProfile } from '../profiles/small-profile.ts';

const me = { hostId: 'ME', host: 'me' };
const by = { hostId: 'B', host: 'beta' };
const at = { backend: 'xpra', localId: '100' };

function rig(rows: Partial<Rows> = {}) {
  const events = new SeatEvents();
  const told: unknown[] = [];
  events.on((event) => void told.push(event));
  events.onEnded((event) => void told.push(event));
  const catalogue = { rows: () => ({ hosts: [], sessions: [], answerOf: new Map(), ...rows }) };
  return { news: new SessionNews({ me, log: silentLogger, catalogue, events }), told };
}

describe('how a session of this machine ended', () => {
  const ENDED = `
ended:
  command: { argv: [smallctl, ended, '{localId}'] }
  output: { format: key-values }
  at: '{at}'
  code: '{code}'
  signal: ''
  lines: []
`;
  const { machine } = fakeMachine(() => ({ stdout: 'at=12\ncode=3\n' }));
  const backend = { profile: smallProfile((text) => text + ENDED), machine } as unknown as Backend;

  it.each([
    ['by the name that the catalogue has for it', [{ ...HOST, state: 'local', name: 'mine' }], 'mine'],
    ['by its own name before it has one', [], 'me'],
  ] as const)('is told %s', async (_how, hosts, name) => {
    const { news, told } = rig({ hosts: [HOST, ...hosts] });
    await news.gone(backend, [sessionOf({ backend: 'small', localId: '7' })]);
    expect(told).toMatchObject([
      { backend: 'small', localId: '7', ref: `small:7@${name}`, end: { code: 3 }, isHere: true },
    ]);
  });
});

it('tells of each viewer that was taken, with the name of its session where that is known', () => {
  const viewer = (ref: string): Viewer => ({
    ...{ id: ref, ref, hostKey: 'A', ...at, seat: ':0', since: 0, state: 'shown' },
  });
  const { news, told } = rig({ sessions: [sessionOf({ name: 'calc' })] });
  news.taken([viewer('xpra:100@alpha'), viewer('xpra:7@gone')], { ...at, by, phase: 'done' });
  expect(told).toMatchObject([
    { what: 'taken', name: 'calc', host: 'alpha', by },
    { what: 'taken', name: 'xpra:7@gone', host: 'gone', by },
  ]);
});

it('tells that a session of another host is being stopped, if that host has it', () => {
  const sessions = [sessionOf({ hostKey: 'other', name: 'not this' }), sessionOf({ name: 'calc' })];
  const { news, told } = rig({ sessions });
  news.stopping('A', { ...at, by });
  for (const wrong of [{ localId: '7' }, { backend: 'tmux' }]) news.stopping('A', { ...at, ...wrong, by });
  news.stopping('nobody', { ...at, by });
  expect(told).toMatchObject([{ what: 'stopped', name: 'calc', by }]);
});

it('tells how a session of another host ended, by the name of that host', () => {
  const { news, told } = rig();
  news.ended({ name: 'alpha' }, { ...at, end: { code: 1, lines: ['bye\u0007'] } });
  expect(told).toEqual([{ ...at, ref: 'xpra:100@alpha', end: { code: 1, lines: ['bye'] }, isHere: false }]);
});
