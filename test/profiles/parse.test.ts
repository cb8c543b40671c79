import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Lines } from '../../src/model/profile-command.ts';
import { groupFields, parseKeyValues, parseLines, parseOutput } from '../../src/profiles/parse.ts';

const ROWS: Lines = { format: 'lines', marker: '@', separator: '\t', fields: ['id', 'name'] };

test('lines: only marked ones count, the last field takes the rest', () => {
  const text = 'Last login: never\n@1\tone\r\n@2\ttwo\tand more\n@3\n  @4\tno\n';
  expect(parseLines(text, ROWS)).toEqual([
    { id: '1', name: 'one' },
    { id: '2', name: 'two\tand more' },
  ]);
});

test('lines: a hostile length is cut', () => {
  expect(parseLines('@1\tx\n'.repeat(50_000), ROWS)).toHaveLength(2000);
});

test('key-values: warnings are passed over, the first of a key counts', () => {
  const text = 'Warning: zlib only\nclients=1\nwindows.1.title=a=b\nclients=99\n =x\n__proto__=y\n';
  const found = parseKeyValues(text, { format: 'key-values' });
  expect(found).toMatchObject({ clients: '1', 'windows.1.title': 'a=b' });
  expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
});

test('key-values: with a marker nothing else is read', () => {
  expect(parseKeyValues('a=1\n@b=2\n', { format: 'key-values', marker: '@' })).toEqual({ b: '2' });
});

test('regex and json', () => {
  expect(parseOutput('x\nversion 3.1\n', { format: 'regex', pattern: '^version (?<v>.+)$' })).toEqual({
    v: '3.1',
  });
  expect(parseOutput('hello\n{"a":{"b":1},"c":[true,null]}\nbye', { format: 'json' })).toEqual({
    'a.b': '1',
    'c.0': 'true',
  });
  for (const spec of [{ format: 'regex', pattern: 'z' } as const, { format: 'json' } as const]) {
    expect(() => parseOutput('nothing of it', spec)).toThrowError(
      expect.objectContaining({ code: 'output-unparsable' }),
    );
  }
});

test('groups of keys become records', () => {
  const fields = {
    'client.0.uuid': 'a',
    'client.0.hostname': 'h',
    'client.1.uuid': 'b',
    clients: '2',
    'client.uuid': 'c',
  };
  expect(groupFields(fields, '^(client(?:\\.\\d+)?)\\.(uuid|hostname)$')).toEqual([
    { uuid: 'a', hostname: 'h' },
    { uuid: 'b' },
    { uuid: 'c' },
  ]);
});

test('no parser throws anything but output-unparsable', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      parseLines(text, ROWS);
      parseKeyValues(text, { format: 'key-values' });
      for (const spec of [{ format: 'regex', pattern: '(?<a>b)' } as const, { format: 'json' } as const]) {
        try {
          parseOutput(text, spec);
        } catch (error) {
          expect(error).toMatchObject({ code: 'output-unparsable' });
        }
      }
    }),
  );
});
