import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds, holesOf, posixWords, renderArgs, renderText } from '../../src/profiles/render.ts';

test('a value fills one argument or a part of one, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      expect(renderArgs(['a', '{v}', '--x={v}!'], { v: value })).toEqual(['a', value, `--x=${value}!`]);
    }),
  );
});

test('a value is never a template itself', () => {
  expect(renderText('{a}', { a: '{b} {{ {...b}', b: 'secret' })).toBe('{b} {{ {...b}');
});

test('a list splices as arguments of its own, and only where it stands alone', () => {
  expect(renderArgs(['run', '{...c}', 'end'], { c: ['a b', '', '{d}'] })).toEqual([
    'run',
    'a b',
    '',
    '{d}',
    'end',
  ]);
  expect(renderArgs(['{...c}'], {})).toEqual([]);
  expect(() => holesOf('x{...c}')).toThrowError(expect.objectContaining({ code: 'bad-profile' }));
});

test('{{ is a brace; any other stray one is refused', () => {
  expect(renderText('a{{b', {})).toBe('a{b');
  expect(holesOf('{{x} {y|words}')).toEqual([{ name: 'y', splice: false, words: true }]);
  for (const template of ['{', '{a', '{ a}', '{a b}', '{...a|words}']) {
    expect(() => holesOf(template), template).toThrowError(expect.objectContaining({ code: 'bad-profile' }));
  }
});

test('conditions', () => {
  const values = { yes: true, no: false, empty: '', none: [], mode: 'take', zero: 0 };
  const cases: [string, boolean][] = [
    ['yes', true],
    ['no', false],
    ['empty', false],
    ['none', false],
    ['absent', false],
    ['zero', true],
    ['!no', true],
    ['mode=take', true],
    ['mode=share', false],
    ['!mode=share', true],
    ['absent=x', false],
  ];
  for (const [condition, wanted] of cases) expect(holds(condition, values), condition).toBe(wanted);
  expect(
    renderArgs(
      [
        { when: 'mode=take', args: ['-d', '{mode}'] },
        { when: 'no', args: ['x'] },
      ],
      values,
    ),
  ).toEqual(['-d', 'take']);
});

/** A POSIX word splitter, as small as the quoting needs. */
function split(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === ' ') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'" || char === '"') {
      const end = line.indexOf(char, at + 1);
      word = (word ?? '') + line.slice(at + 1, end);
      at = end;
    } else {
      word = (word ?? '') + char;
    }
  }
  return word === undefined ? words : [...words, word];
}

test('words as one line come apart again exactly', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
      expect(split(posixWords(words))).toEqual(words);
    }),
  );
});
