import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  booleanOf,
  localeKeys,
  localised,
  parseKeyFile,
  splitList,
  unescapeString,
} from '../../src/viewer/key-file.ts';

describe('parseKeyFile', () => {
  it('reads groups, and skips comments, blank lines and what is neither', () => {
    const file = parseKeyFile(
      '\ufeff# a comment\nlost=1\n[One]\nA = x = y \r\n\nA=second\nB[de_DE@x]=z\n=bad\n[Two]\nA=2\n[One]\nC=3\n',
    );
    expect([...file.keys()]).toEqual(['One', 'Two']);
    expect([...(file.get('One') ?? [])]).toEqual([
      ['A', 'x = y '],
      ['B[de_DE@x]', 'z'],
    ]);
    expect(file.get('Two')?.get('A')).toBe('2');
  });

  it('reads any text without an error, and no group under a bad name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        for (const name of parseKeyFile(`[G]\n${text}`).keys()) expect(name).not.toMatch(/[[\]]/u);
      }),
    );
  });

  it('gives back what was written', () => {
    const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,10}$/u);
    const value = fc.stringMatching(/^[^\s][^\r\n]{0,40}$/u);
    fc.assert(
      fc.property(fc.dictionary(key, value), (pairs) => {
        const text = Object.entries(pairs).map(([k, v]) => `${k}=${v}`);
        expect(Object.fromEntries(parseKeyFile(['[G]', ...text].join('\n')).get('G') ?? [])).toEqual({
          ...pairs,
        });
      }),
    );
  });
});

describe('values', () => {
  it('unescapes strings, and leaves unknown escapes as they are', () => {
    expect(unescapeString('a\\sb\\n\\t\\r\\\\s\\q')).toBe('a b\n\t\r\\s\\q');
  });

  it('splits lists at semicolons that are not escaped', () => {
    expect(splitList('A;B\\;b;;\\\\;C')).toEqual(['A', 'B;b', '\\', 'C']);
    expect(splitList('')).toEqual([]);
    const member = fc.stringMatching(/^[^\s\\]([^\\\r\n]{0,10}[^\s\\])?$/u);
    fc.assert(
      fc.property(fc.array(member, { maxLength: 20 }), (members) => {
        expect(splitList(members.map((m) => `${m.replaceAll(';', '\\;')};`).join(''))).toEqual(members);
      }),
    );
  });

  it('knows booleans', () => {
    expect(['true', '1', 'false', '0', 'yes', undefined].map(booleanOf)).toEqual([
      true,
      true,
      false,
      false,
      undefined,
      undefined,
    ]);
  });
});

describe('locales', () => {
  // The table of the specification, "Localized values for keys".
  it.each([
    ['de_DE@euro', ['de_DE@euro', 'de_DE', 'de@euro', 'de']],
    ['de_DE', ['de_DE', 'de']],
    ['sr@Latn', ['sr@Latn', 'sr']],
    ['de', ['de']],
    ['pt_BR.UTF-8', ['pt_BR', 'pt']],
    ['C', []],
    ['C.UTF-8', []],
    ['POSIX', []],
    ['', []],
    [undefined, []],
    ['../../x', []],
  ])('%s', (locale, keys) => {
    expect(localeKeys(locale)).toEqual(keys);
  });

  it('takes the best translation there is', () => {
    const group =
      parseKeyFile('[G]\nName=Foo\nName[sr_YU]=a\nName[sr@Latn]=b\nName[sr]=c\\sd\n').get('G') ?? new Map();
    // The specification's own example.
    expect(localised(group, 'Name', localeKeys('sr_YU@Latn'))).toBe('a');
    expect(localised(group, 'Name', localeKeys('sr@Latn'))).toBe('b');
    expect(localised(group, 'Name', localeKeys('sr_RS'))).toBe('c d');
    expect(localised(group, 'Name', localeKeys('fr'))).toBe('Foo');
    expect(localised(group, 'Comment', localeKeys('fr'))).toBeUndefined();
  });
});
