import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opaqueId } from '../../src/kernel/ids.ts';
import type { Advert } from '../../src/model/host.ts';
import { advertFor, cut, decodeTxt, encodeTxt, TXT_LIMIT } from '../../src/protocol/txt.ts';

const hostId = 'ab'.repeat(16);
const fingerprint = `SHA256:${'A'.repeat(43)}`;
const base: Advert = { hostId, agentId: '0011aabb', revision: 7, fingerprint, sessionCount: 0, sessions: [] };
const entries = (...texts: string[]) => texts.map((text) => Buffer.from(text));
const head = ['v=1', `id=${hostId}`, 'a=0011aabb', 'rev=7'];

describe('the TXT record', () => {
  it('gives back what was put in', () => {
    const advert: Advert = {
      ...base,
      sessionCount: 2,
      sessions: [
        { id: '01234567', backend: 'xpra' },
        { id: '89abcdef', backend: 'tmux', name: 'build: “größe” 🙂' },
      ],
    };
    expect(decodeTxt(encodeTxt(advert))).toEqual(advert);
  });

  it('says that the host sleeps, in five bytes', () => {
    const asleep = { ...base, asleep: true };
    expect(decodeTxt(encodeTxt(asleep))).toEqual(asleep);
    expect(encodeTxt(asleep).map(String)).toContain('zz=1');
    expect(decodeTxt(entries(...head, 'zz=0'))?.asleep).toBeUndefined();
    const facts = { hostId, agentId: '0011aabb', revision: 7, sessions: [], asleep: true };
    expect(advertFor('presence', facts)?.asleep).toBe(true);
    expect(advertFor('off', facts)).toBeUndefined();
  });

  it('is read in any order, as Avahi reverses it', () => {
    const sessions = [...'0123456789ab'].map((digit) => ({ id: digit.repeat(8), backend: 'xpra' }));
    const advert = { ...base, sessionCount: 12, sessions };
    expect(decodeTxt(encodeTxt(advert).reverse())).toEqual(advert);
  });

  it('fits in a packet and keeps the count, however many sessions', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            id: fc.stringMatching(/^[0-9a-f]{8}$/),
            backend: fc.stringMatching(/^[a-z][a-z0-9-]{0,39}$/),
            name: fc.option(fc.string({ unit: 'binary', maxLength: 400 }), { nil: undefined }),
          }),
          { maxLength: 200 },
        ),
        (list) => {
          const sessions = list.map(({ id, backend, name }) => ({ id, backend, ...(name ? { name } : {}) }));
          const txt = encodeTxt({ ...base, sessionCount: sessions.length, sessions });
          expect(txt.reduce((sum, entry) => sum + entry.length + 1, 0)).toBeLessThanOrEqual(TXT_LIMIT);
          expect(Math.max(...txt.map((entry) => entry.length))).toBeLessThanOrEqual(255);
          const back = decodeTxt(txt);
          expect(back?.sessionCount).toBe(sessions.length);
          expect(back?.sessions.map(({ id, backend }) => ({ id, backend }))).toEqual(
            sessions.slice(0, back?.sessions.length).map(({ id, backend }) => ({ id, backend })),
          );
        },
      ),
    );
  });

  it('takes any bytes without throwing, and lets no control character through', () => {
    const key = fc.constantFrom(
      'v=1',
      `id=${hostId}`,
      'a=0011aabb',
      'rev=1',
      's0=01234567:xpra:',
      'n=',
      'fp=',
    );
    const hostile = fc
      .tuple(key, fc.uint8Array({ maxLength: 60 }))
      .map(([text, bytes]) => Buffer.concat([Buffer.from(text), bytes]));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(hostile, fc.uint8Array({ maxLength: 255 })), { maxLength: 40 }),
        (txt) => {
          const advert = decodeTxt([...entries(...head), ...txt]);
          for (const session of advert?.sessions ?? []) {
            expect(session.name ?? '').not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
          }
          decodeTxt(txt);
        },
      ),
    );
  });

  it.each([
    ['nothing', []],
    ['another version', entries('v=2', ...head.slice(1))],
    ['no version', entries(...head.slice(1))],
    ['no host id', entries('v=1', 'a=0011aabb', 'rev=7')],
    ['a host id that is none', entries('v=1', 'id=../../etc', 'a=0011aabb', 'rev=7')],
    ['a revision that is no number', entries('v=1', `id=${hostId}`, 'a=0011aabb', 'rev=1e9')],
    ['too much', [...entries(...head), ...Array.from({ length: 20 }, () => Buffer.alloc(200))]],
  ])('is no advert with %s', (_what, txt) => {
    expect(decodeTxt(txt)).toBeUndefined();
  });

  it('drops what is wrong in the optional part and keeps the rest', () => {
    const txt = entries(
      ...head,
      'fp=MD5:00',
      'n=-3',
      's0=zz:xpra',
      's1=01234567:XPRA',
      's2=01234567:xpra:\x1b[2Jhi',
    );
    expect(decodeTxt(txt)).toEqual({
      hostId,
      agentId: '0011aabb',
      revision: 7,
      sessions: [{ id: '01234567', backend: 'xpra', name: '[2Jhi' }],
    });
  });

  it('takes the first of a key, whatever its case', () => {
    expect(decodeTxt(entries(...head, 'N=3', 'n=9'))?.sessionCount).toBe(3);
    expect(decodeTxt(entries(...head, '__proto__=1', 'constructor=2'))?.hostId).toBe(hostId);
  });
});

describe('advertFor', () => {
  const sessions = [{ backend: 'xpra', localId: '100', name: 'secret' }];
  const facts = { hostId, agentId: '0011aabb', fingerprint, revision: 3, sessions };
  it('says nothing, presence, opaque sessions or names', () => {
    expect(advertFor('off', facts)).toBeUndefined();
    expect(advertFor('presence', facts)).toEqual({
      hostId,
      agentId: '0011aabb',
      fingerprint,
      revision: 3,
      sessions: [],
    });
    const id = opaqueId(hostId, 'xpra', '100');
    expect(advertFor('sessions', facts)).toMatchObject({
      sessionCount: 1,
      sessions: [{ id, backend: 'xpra' }],
    });
    expect(JSON.stringify(advertFor('sessions', facts))).not.toContain('secret');
    expect(advertFor('names', facts)?.sessions).toEqual([{ id, backend: 'xpra', name: 'secret' }]);
  });
});

describe('cut', () => {
  it('never cuts a character in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, bytes) => {
        const part = cut(text, bytes);
        expect(part.length).toBeLessThanOrEqual(bytes);
        expect(text.startsWith(part.toString('utf8'))).toBe(true);
      }),
    );
  });
});
