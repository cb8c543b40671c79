import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitWords } from '../../src/tray/words.ts';

it.each([
  ['xterm', ['xterm']],
  ['  xterm  -e  top ', ['xterm', '-e', 'top']],
  [`sh -c 'echo "a b"'`, ['sh', '-c', 'echo "a b"']],
  ['a\\ b "c \\"d\\" \\n" \'e\'f', ['a b', 'c "d" \\n', 'ef']],
  [`''`, ['']],
  ['echo $HOME * ; rm', ['echo', '$HOME', '*', ';', 'rm']],
])('%s', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

it.each(['', '   ', `'open`, '"open', 'end\\'])('refuses “%s”', (text) => {
  expect(() => splitWords(text)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
});

it('gives back any words that are quoted', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (words) => {
      const text = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
      expect(splitWords(text)).toEqual(words);
    }),
  );
});
