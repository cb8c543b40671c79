import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTarget, knownHostsName, parseJumps, spellingsOf } from '../../src/ssh/target.ts';

describe('checkTarget', () => {
  test.each(['alpha', 'alpha.local', '10.0.0.1', 'fe80::1%eth0', '[::1]', 'Zoës-pc', '_x', 'a_b'])(
    'takes %s',
    (name) => {
      expect(checkTarget({ name }).name).toBe(name);
    },
  );

  test.each([
    '',
    '-x',
    '-oProxyCommand=id',
    'a b',
    'a\tb',
    'a\nb',
    'a\0b',
    '$(id)',
    '`id`',
    'a;b',
    "a'b",
    'a"b',
    'a/b',
    '%h',
    'a\u202eb',
    '.',
    'x'.repeat(256),
  ])('refuses %j', (name) => {
    expect(() => checkTarget({ name })).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  test('splits off the user', () => {
    expect(checkTarget({ name: 'bob@alpha' })).toMatchObject({ name: 'alpha', user: 'bob' });
    expect(checkTarget({ name: 'bob@corp@alpha' })).toMatchObject({ name: 'alpha', user: 'bob@corp' });
    expect(() => checkTarget({ name: '-l@alpha' })).toThrow();
    expect(() => checkTarget({ name: 'a;b@alpha' })).toThrow();
  });

  test.each([0, -1, 65_536, 1.5, Number.NaN])('refuses port %s', (port) => {
    expect(() => checkTarget({ name: 'a', port })).toThrow();
  });

  test('lets nothing through that a shell or ssh reads as more than a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        try {
          expect(checkTarget({ name }).name).toMatch(/^[^-\s][^\s'"`$;|&<>(){}\\!*?#~/]*$/u);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-argument' });
        }
      }),
    );
  });
});

test.each([
  ['none', []],
  ['', []],
  ['a', [{ name: 'a' }]],
  ['u@a:2222,b', [{ name: 'a', user: 'u', port: 2222 }, { name: 'b' }]],
  ['u@[fe80::1%eth0]:22', [{ name: 'fe80::1%eth0', user: 'u', port: 22 }]],
  ['ssh://u@a:2200/', [{ name: 'a', user: 'u', port: 2200 }]],
])('parseJumps(%j)', (text, expected) => {
  expect(parseJumps(text)).toMatchObject(expected);
  expect(parseJumps(text)).toHaveLength(expected.length);
});

test('parseJumps refuses nonsense', () => {
  for (const text of ['-x', 'a b', 'a,,b', 'a:x', '@']) expect(() => parseJumps(text)).toThrow();
});

test('names as known_hosts has them', () => {
  expect(knownHostsName('Alpha', 22)).toBe('alpha');
  expect(knownHostsName('alpha', 2222)).toBe('[alpha]:2222');
  expect(knownHostsName('[::1]', 2222)).toBe('[::1]:2222');
  expect(spellingsOf('alpha')).toEqual(['alpha.local']);
  expect(spellingsOf('Alpha.local')).toEqual(['alpha']);
  expect(spellingsOf('alpha.example.org')).toEqual([]);
  expect(spellingsOf('fe80::1')).toEqual([]);
});
