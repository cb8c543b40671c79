import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onlyColours, readThumbnail } from '../../src/profiles/thumbnail.ts';

const ESC = '\u001b';

test('colours stay; what moves the cursor, sets titles or rings goes', () => {
  const hostile = `a${ESC}[31mred${ESC}[0m${ESC}[2J${ESC}[5;5H${ESC}]0;title\u0007${ESC}]8;;http://x${ESC}\\b${ESC}c\u0007\r\nc\u009b2Jd`;
  expect(onlyColours(hostile)).toBe(`a${ESC}[31mred${ESC}[0mb\ncd`);
});

test('nothing else with an escape ever comes through', () => {
  const piece = fc.oneof(
    fc.constantFrom(ESC, '[', ']', 'm', ';', '1', '\u009b', '\u0007', '\\', 'P', '\n'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const rest = onlyColours(pieces.join('')).replaceAll(new RegExp(`${ESC}\\[[0-9;:]*m`, 'gu'), '');
      expect([...rest].filter((char) => char < ' ' && char !== '\n')).toEqual([]);
      expect([...rest].filter((char) => char >= '\u007f' && char <= '\u009f')).toEqual([]);
    }),
  );
});

test('a picture is found behind what a login prints', () => {
  const png = Buffer.from('\u0089PNG\r\n\u001a\nrest', 'latin1');
  const found = readThumbnail('png', Buffer.concat([Buffer.from('Welcome!\n'), png]));
  expect(found.kind === 'png' && found.data.equals(png)).toBe(true);
  expect(() => readThumbnail('png', Buffer.from('no picture'))).toThrowError(
    expect.objectContaining({ code: 'output-unparsable' }),
  );
});
