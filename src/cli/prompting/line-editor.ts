/** A line as it is typed on a terminal in raw mode, without history or arrows: for passwords. Pure. */

export interface Typed {
  readonly text: string;
  /** Within an escape sequence, of which nothing is kept: an arrow key is no part of a password. */
  readonly escape: 'no' | 'begun' | 'in';
  readonly end: 'open' | 'done' | 'refused' | 'interrupted';
}

export const NOTHING: Typed = { text: '', escape: 'no', end: 'open' };

const LIMIT = 4096;

/** Takes one character (code point). After the end nothing changes. */
export function type(typed: Typed, char: string): Typed {
  if (typed.end !== 'open') return typed;
  if (typed.escape !== 'no') return { ...typed, escape: inEscape(typed.escape, char) };
  switch (char) {
    case '\r':
    case '\n':
      return { ...typed, end: 'done' };
    case '\u0003':
      return { ...typed, text: '', end: 'interrupted' };
    // As in a terminal's own line: Ctrl-D on an empty line is the end of the input.
    case '\u0004':
      return typed.text === '' ? { ...typed, end: 'refused' } : typed;
    case '\u007f':
    case '\b':
      return { ...typed, text: [...typed.text].slice(0, -1).join('') };
    case '\u0015':
      return { ...typed, text: '' };
    case '\u001b':
      return { ...typed, escape: 'begun' };
  }
  if (/\p{Cc}/u.test(char) || typed.text.length + char.length > LIMIT) return typed;
  return { ...typed, text: typed.text + char };
}

/** ECMA-48 §5.4: `[` (or `O` of the arrow keys), parameters, and a letter or `~`. */
function inEscape(state: 'begun' | 'in', char: string): Typed['escape'] {
  if (state === 'begun') return char === '[' || char === 'O' ? 'in' : 'no';
  return /[@-~]/u.test(char) ? 'no' : 'in';
}
