/** What values a stranger's file may have, and what becomes of its keys. Whole files: vv.test.ts, rdp.test.ts. */
import { describe, expect, it } from 'vitest';
import type * as z from 'zod/mini';
import {
  ANY,
  isHost,
  numberFrom,
  OPAQUE,
  PLAIN,
  PORT,
  type Rules,
  SWITCH,
  sortKeys,
  splitAddress,
} from '../../../src/viewer/console/keys.ts';
import { NONE } from './wishes.ts';

const takes = (rule: z.ZodMiniType<string>, value: string) => rule.safeParse(value).success;

describe('a host', () => {
  it.each([
    ...['a', '1', 'vm-1.example.', 'ä.example', 'vm_1', '10.0.0.1'],
    ...['::1', '[::1]', 'fe80::1%eth0', '[fe80::1%br-0.2]', '::ffff:10.0.0.1'],
  ])('may be %s', (value) => expect(isHost(value)).toBe(true));

  it.each([
    ['an option', ['-x', '--proxy=x', '-', '.x', '_x']],
    ['a path or a command', ['/x', 'a/b', 'a\\b', 'a b', 'a;b', 'a\nb', 'a@b', 'a:1', 'a%20b']],
    ['what looks like another', ['a\u202eb', 'a\u200bb', 'a\u00adb', 'e\u0301x']],
    ['brackets about anything else', ['[a]', '[10.0.0.1]', '[::1', '::1]', '[[::1]]', '[]']],
    ['an odd zone', ['fe80::1%', 'fe80::1%a b', 'fe80::1%a%b', 'fe80::1%/x', `::1%${'a'.repeat(31)}`]],
    ['a zone of what has none', ['10.0.0.1%eth0', 'a%eth0']],
    ['nothing, or too much', ['', 'a'.repeat(256)]],
  ])('is no %s', (_, values) => {
    expect(values.filter(isHost)).toEqual([]);
  });
});

describe('an address', () => {
  it.each([
    ['a', 'a', undefined],
    ['a:1', 'a', 1],
    ['[::1]:65535', '[::1]', 65_535],
    // Nobody knows where the port of this would begin.
    ['fe80::1:3389', 'fe80::1:3389', undefined],
  ])('%s is a host and a port', (value, host, port) => {
    expect(splitAddress(value)).toEqual({ host, port });
  });

  it.each([
    '',
    ':',
    ':1',
    'a:',
    'a:0',
    'a:01',
    'a:65536',
    'a:1:2',
    'a:+1',
    'a: 1',
    'a:1e3',
    '-a:1',
    '[::1]:x',
  ])('is not %j', (value) => expect(splitAddress(value)).toBeUndefined());
});

describe('a value', () => {
  it('that is a number has digits alone, within its bounds', () => {
    const rule = numberFrom(200, 8192);
    expect(['200', '8192', '000300'].filter((value) => takes(rule, value))).toHaveLength(3);
    for (const value of ['199', '8193', '', ' 300', '3e2', '0x200', '-300', '300.0', '0000300'])
      expect(takes(rule, value)).toBe(false);
    for (const value of ['0', '00001', '65536', '٣٣']) expect(takes(PORT, value)).toBe(false);
    for (const value of ['', '2', 'true', '10']) expect(takes(SWITCH, value)).toBe(false);
  });

  it('that is shown holds nothing that hides or turns text; what a server alone reads may', () => {
    for (const odd of ['\u202e', '\u2066', '\u200d', '\u00ad', '\u2028', '\ufeff']) {
      expect([takes(PLAIN, `a${odd}b`), takes(OPAQUE, `a${odd}b`)]).toEqual([false, true]);
    }
    for (const control of ['\n', '\r', '\0', '\u001b', '\u0085', '\t']) {
      expect([takes(PLAIN, `a${control}`), takes(OPAQUE, `a${control}`)]).toEqual([false, false]);
    }
    expect([takes(PLAIN, 'ä'.repeat(500)), takes(PLAIN, 'ä'.repeat(501))]).toEqual([true, false]);
    expect(takes(OPAQUE, 'a'.repeat(8193))).toBe(false);
  });
});

describe('the keys of a file', () => {
  const RULES: Rules = {
    host: { value: PLAIN },
    on: { value: SWITCH },
    usb: { value: SWITCH, needs: 'usb', says: 'your USB devices', idle: /^0$/u },
    filter: { value: SWITCH, needs: 'usb' },
    never: { value: ANY, never: true, needs: 'usb', says: 'your files' },
    quiet: { value: ANY, never: true },
  };
  const sort = (pairs: readonly (readonly [string, string])[], wishes = NONE) =>
    sortKeys(
      pairs.map(([key, value], i) => ({ line: i + 1, key, value })),
      RULES,
      wishes,
    );
  const WISHED = { ...NONE, usb: true };

  it('are taken in their order, those without a value not', () => {
    const { taken, leftOut } = sort([
      ['on', '1'],
      ['quiet', 'x'],
      ['usb', ''],
      ['host', 'h'],
    ]);
    expect([[...taken], leftOut]).toEqual([
      [
        ['on', '1'],
        ['host', 'h'],
      ],
      [],
    ]);
  });

  it('that need a word of the user are left out without it, and said if they ask for anything', () => {
    const pairs = [
      ['usb', '1'],
      ['filter', '1'],
    ] as const;
    expect(sort(pairs).leftOut).toEqual(['your USB devices (usb; -o usb=yes takes it)']);
    expect(sort([['usb', '0']]).leftOut).toEqual([]);
    expect([...sort(pairs, WISHED).taken.keys()]).toEqual(['usb', 'filter']);
    // Left out it may hold anything; taken it may not.
    expect(sort([['usb', 'odd']]).taken.size).toBe(0);
    expect(() => sort([['usb', 'odd']], WISHED)).toThrow('line 1 has a value for “usb”');
  });

  it('that are never taken are not for any word, nor is one promised', () => {
    const { taken, leftOut } = sort([['never', '*']], WISHED);
    expect([taken.size, leftOut]).toEqual([0, ['your files (never)']]);
  });

  it('that come twice refuse the file, though one of the two is empty or unknown', () => {
    const twice = (key: string, first: string) => () =>
      sort([
        [key, first],
        [key, 'x'],
      ]);
    expect(twice('host', '')).toThrow('line 2 says “host” once more');
    expect(twice('a\u001b[2Jb', 'x')).toThrow('line 2 says “a [2Jb” once more');
  });

  it('that nobody knows are named, eight of them, in words that are safe to show', () => {
    const unknown = Array.from({ length: 11 }, (_, n) => [`k${n}\u202e`, 'secret'] as const);
    expect(sort(unknown).leftOut).toEqual([
      'keys that hotdesk does not know: k0, k1, k2, k3, k4, k5, k6, k7 and 3 more',
    ]);
    for (const key of ['toString', '__proto__', 'constructor'])
      expect(sort([[key, 'x']]).leftOut).toEqual([`keys that hotdesk does not know: ${key}`]);
    const [long = ''] = sort([['k'.repeat(500), 'x']]).leftOut;
    expect(long.length).toBeLessThan(90);
  });
});
