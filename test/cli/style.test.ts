import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gate, render, renderScreen, safeJson } from '../../src/cli/style.ts';
import { COLOURS, OBEYED } from './obeyed.ts';

const hostile = fc.string({ unit: 'binary' });
const nasty = fc.oneof(
  hostile,
  fc.constantFrom(
    '\u001b]0;owned\u0007',
    '\u009b31m',
    '\u202egnp.exe',
    'a\nb\rc',
    '\u{e0041}',
    '\u001b[2J',
    '\ud800',
  ),
);

describe('the gate', () => {
  it('lets nothing through that a terminal obeys, and keeps the width of plain text', () => {
    fc.assert(fc.property(nasty, (text) => !OBEYED.test(gate(text)) && gate(text).isWellFormed()));
    expect(gate('  padded  ')).toBe('  padded  ');
    expect(gate('héllo 日本')).toBe('héllo 日本');
  });

  it('adds colours of its own only', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(OBEYED.test(render([text, { text, style: 'red' }], false))).toBe(false);
        const coloured = render([{ text, style: 'red' }], true);
        expect(coloured.startsWith('\u001b[31m') && coloured.endsWith('\u001b[0m')).toBe(true);
        expect(OBEYED.test(coloured.slice(5, -4))).toBe(false);
      }),
    );
  });
});

describe('a terminal’s screen', () => {
  it('keeps colours and lines, and nothing else that is obeyed', () => {
    const screen = 'one\u001b[1;32m two\u001b[0m\r\n\u001b[2Jthree\u001b]0;title\u0007\n\n';
    expect(renderScreen(screen, true)).toBe('one\u001b[1;32m two\u001b[0m\n [2Jthree ]0;title ');
    expect(renderScreen(screen, false)).toBe('one two\n [2Jthree ]0;title ');
  });

  it('holds for any text', () => {
    fc.assert(
      fc.property(nasty, nasty, (a, b) => {
        const shown = renderScreen(`${a}\u001b[7m${b}\n${a}`, true).replaceAll(COLOURS, '');
        expect(OBEYED.test(shown.replaceAll('\n', ''))).toBe(false);
      }),
    );
  });
});

describe('JSON for a terminal', () => {
  it('is what was put in, and shows nothing that is obeyed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), nasty, (value, text) => {
        const json = safeJson({ value, text: text.toWellFormed() }, 2);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, text: text.toWellFormed() })));
        expect(OBEYED.test(json.replaceAll('\n', ''))).toBe(false);
      }),
    );
  });
});
