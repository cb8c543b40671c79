import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScreenModes } from '../../../src/cli/terminal/modes.ts';

function undoOf(...chunks: (string | Buffer)[]): string {
  const modes = new ScreenModes();
  for (const chunk of chunks) modes.watch(Buffer.from(chunk));
  return modes.undo;
}

describe('what is put back', () => {
  it('is nothing after a program that tidied up', () => {
    expect(undoOf('hello')).toBe('');
    expect(undoOf('\u001b[?1049h\u001b[?25l', 'text', '\u001b[?25h\u001b[?1049l')).toBe('');
  });

  it('is the screen, the cursor, the mouse and the paste mode that were left on', () => {
    const undo = undoOf('\u001b[?1049h\u001b[?1;1006;2004h\u001b[?25l');
    for (const sequence of ['[?1049l', '[?1l', '[?1006l', '[?2004l', '[?25h'])
      expect(undo).toContain(sequence);
  });

  it('does not depend on where the bytes were cut', () => {
    const text = Buffer.from('ab\u001b[?1049hé\u001b[?25lxx\u001b[?1049l\u001b[?2004h日');
    const whole = undoOf(text);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: text.length }),
        fc.integer({ min: 0, max: text.length }),
        (a, b) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          expect(undoOf(text.subarray(0, low), text.subarray(low, high), text.subarray(high))).toBe(whole);
        },
      ),
    );
  });

  it('knows nothing of modes that need no undoing', () => {
    expect(undoOf('\u001b[?12h\u001b[?7h\u001b[4h')).toBe('');
  });
});
