import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionEnd } from '../../../src/model/session-end.ts';
import type { SeatEvent } from '../../../src/protocol/api.ts';
import {
  backNotice,
  endedNotice,
  lostNotice,
  movedNotice,
  openedNotice,
} from '../../../src/tray/notify/words.ts';

const event = (what: SeatEvent['what'], more: Partial<SeatEvent> = {}): SeatEvent => ({
  ...{ what, ref: 'xpra:calc@alpha', name: 'calc', host: 'alpha' },
  ...{ by: { hostId: 'B', host: 'beta' }, ...more },
});
const gone = (name: string, end?: Partial<SessionEnd>) => ({
  name,
  end: end && { lines: [], ...end },
});
const ended = (...all: ReturnType<typeof gone>[]) => endedNotice('k', all, 'alpha');

describe('what is told', () => {
  it.each([
    [['a'], 'a'],
    [['a', 'b', 'c', 'd'], 'a, b, c, d'],
    [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
  ])('names %j as %s', (names, text) => {
    expect(ended(...names.map((name) => gone(name))).text).toBe(`Ended on alpha: ${text}.`);
    expect(lostNotice('A', 'alpha', names).text).toBe(
      `Not reachable: alpha, with ${text}. What runs there goes on.`,
    );
    expect(backNotice('A', 'alpha', names).text).toBe(`Reachable again: alpha, with ${text}.`);
  });

  it('of a host that is back without sessions says so; both take the place of each other', () => {
    expect(backNotice('A', 'alpha', []).text).toBe('Reachable again: alpha, with no sessions.');
    expect(backNotice('A', 'alpha', []).key).toBe(lostNotice('A', 'alpha', ['x']).key);
  });

  it('of one that failed has its last words, and of one that did not, or of several, has none', () => {
    const lines = ['one', 'two'];
    expect(ended(gone('a', { code: 2, lines })).lines).toEqual(lines);
    expect(ended(gone('a', { signal: 'SEGV', lines })).text).toBe('Ended on alpha: a (SEGV).');
    expect(ended(gone('a', { code: 0, lines })).lines).toBeUndefined();
    expect(ended(gone('a', { code: 2, lines }), gone('b'))).toMatchObject({
      text: 'Ended on alpha: a (exit code 2), b.',
    });
    expect(ended(gone('a', { code: 2, lines }), gone('b')).lines).toBeUndefined();
    expect(endedNotice('k', [gone('a')], undefined).text).toBe('Ended: a.');
  });
});

describe('what can be chosen', () => {
  it('for what was opened here is to send it back: to where it was, else to who sent it', () => {
    const backOf = (more?: Partial<SeatEvent>) => openedNotice(event('opened', more)).options[1]?.action;
    expect(backOf()).toEqual({ do: 'send', ref: 'xpra:calc@alpha', to: 'beta' });
    expect(backOf({ from: 'gamma' })).toEqual({ do: 'send', ref: 'xpra:calc@alpha', to: 'gamma' });
  });

  it('for what was taken is to take it back; who asked for it is told where that is another', () => {
    const asked = (hostId: string) => movedNotice(event('taken', { asked: { hostId, host: 'gamma' } }));
    expect(asked('C').text).toBe('Moved to beta, by gamma: calc on alpha.');
    expect(asked('B').text).toBe('Moved to beta: calc on alpha.');
    expect(asked('B').options[1]?.action).toEqual({ do: 'open', ref: 'xpra:calc@alpha', mode: 'take' });
  });
});

it('begins with no stranger’s words, and has none that do more than be read', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(text, text, text, (name, host, who) => {
      const by = { hostId: 'B', host: who };
      const lines = [
        openedNotice(event('opened', { name, host, by })),
        movedNotice(event('taken', { name, host, by, asked: { hostId: 'C', host } })),
        endedNotice('k', [gone(name, { signal: who })], host),
        lostNotice('A', host, [name]),
        backNotice('A', host, [name]),
      ].map((notice) => notice.text);
      for (const line of lines) {
        expect(line).toMatch(/^(?:Opened here from|Moved to|Ended on|Not reachable:|Reachable again:) /u);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }
    }),
    { numRuns: 40 },
  );
});
