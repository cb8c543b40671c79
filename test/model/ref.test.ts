import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRef, freeName, hostMatches, keyOf, parseRef, resolveRef } from '../../src/model/ref.ts';
import type { HostSession } from '../../src/model/session.ts';

function session(backend: string, localId: string, name: string, host: string): HostSession {
  const ref = formatRef({ backend, localId }, host);
  return { backend, localId, name, host, ref, hostKey: host, kind: 'app', watchers: [], state: 'live' };
}

const all = [
  session('xpra', '100', 'xterm', 'alpha'),
  session('xpra', '101', 'xterm-2', 'alpha'),
  session('xpra', '100', 'firefox', 'beta'),
  session('tmux', '3', 'build: now', 'beta'),
];
const names = (key: string) => [key, `${key}.local`, key === 'alpha' ? '10.0.0.1' : '10.0.0.2'];
const find = (ref: string) => resolveRef(ref, all, names).ref;

describe('resolveRef', () => {
  it('takes the full reference, a name, a name at a host, or a prefix', () => {
    expect(find('xpra:100@beta')).toBe('xpra:100@beta');
    expect(find('xterm')).toBe('xpra:100@alpha');
    expect(find('firefox@beta.local')).toBe('xpra:100@beta');
    expect(find('fire')).toBe('xpra:100@beta');
    expect(find('xterm@10.0.0.1')).toBe('xpra:100@alpha');
    expect(find('build: now')).toBe('tmux:3@beta');
  });

  it('lists the candidates of what is ambiguous', () => {
    expect(() => find('xpra:100')).toThrow(
      expect.objectContaining({ code: 'ambiguous', candidates: ['xpra:100@alpha', 'xpra:100@beta'] }),
    );
  });

  it('says what there is when nothing matches', () => {
    expect(() => find('gimp')).toThrow(expect.objectContaining({ code: 'unknown-session' }));
    expect(() => find('@alpha')).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  it('never throws anything but its own errors', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          find(text);
        } catch (error) {
          expect(error).toHaveProperty('code');
        }
      }),
    );
  });
});

describe('parseRef', () => {
  it('splits what formatRef joins', () => {
    expect(parseRef(formatRef({ backend: 'xpra', localId: '7' }, 'h1'))).toEqual({
      backend: 'xpra',
      text: '7',
      host: 'h1',
    });
  });
});

describe('names', () => {
  it('match without the domain and without case', () => {
    expect(hostMatches('Alpha', ['alpha.local'])).toBe(true);
    expect(hostMatches('alpha.', ['ALPHA.local'])).toBe(true);
    expect(hostMatches('alph', ['alpha'])).toBe(false);
  });

  it('are numbered when taken', () => {
    expect(freeName('xterm', [])).toBe('xterm');
    expect(freeName('xterm', ['xterm', 'xterm-2'])).toBe('xterm-3');
  });
});

it('has a key of each session of a host, and no two of one', () => {
  const of = (backend: string, localId: string) => keyOf({ backend, localId });
  expect(of('vnc', '1')).toBe(of('vnc', '1'));
  expect(new Set([of('vnc', '1'), of('vnc', '11'), of('vnc1', '1'), of('xpra', '1')]).size).toBe(4);
});
