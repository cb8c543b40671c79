import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOTHING, type as typeOn } from '../../../src/cli/prompting/line-editor.ts';

const typed = (text: string) => [...text].reduce(typeOn, NOTHING);

test.each([
  ['secret\r', 'secret', 'done'],
  ['pässwörd 🗝\n', 'pässwörd 🗝', 'done'],
  ['ab🗝\u007f\u007fc\r', 'ac', 'done'],
  ['wrong\u0015right\r', 'right', 'done'],
  ['\u001b[A\u001bOBse\u001b[3~cret\u001bx\r', 'secret', 'done'],
  ['\u0001\u0002tab\t\r', 'tab', 'done'],
  ['\u0004', '', 'refused'],
  ['a\u0004\r', 'a', 'done'],
  ['secret\u0003', '', 'interrupted'],
  ['done\rmore', 'done', 'done'],
  ['open', 'open', 'open'],
])('%j', (keys, text, end) => {
  expect(typed(keys)).toMatchObject({ text, end });
});

test('never holds a control character, nor more than fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 6000 }), (keys) => {
      const { text } = typed(keys);
      expect(text).not.toMatch(/\p{Cc}/u);
      expect(text.length).toBeLessThanOrEqual(4096);
    }),
  );
});
