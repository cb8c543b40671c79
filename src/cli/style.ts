/** Styled text as data: only a span has a style, so no text from elsewhere can bring one of its own. */

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
export type Span = string | { readonly text: string; readonly style: Style };

/** SGR parameters, ECMA-48 8.3.117. */
const SGR: Readonly<Record<Style, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

/**
 * What must not reach a terminal from a text: controls (C0, DEL, C1), invisible format characters
 * (bidi, zero-width, tags), lone surrogates, line and paragraph separators.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const PLAIN = /^[\x20-\x7e]*$/u;

/** The last gate before the terminal: keeps the width of layout, unlike `sanitise`, and nothing unsafe. */
export function gate(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, ' ');
}

/** One line for a terminal (or a file, without colour). */
export function render(spans: readonly Span[], colour: boolean): string {
  return spans
    .map((span) => {
      if (typeof span === 'string') return gate(span);
      return colour ? `\x1b[${SGR[span.style]}m${gate(span.text)}\x1b[0m` : gate(span.text);
    })
    .join('');
}

/** Text of a terminal's screen: colours (SGR sequences) stay if `colour`, everything else unsafe goes. */
export function renderScreen(text: string, colour: boolean): string {
  return text
    .trimEnd()
    .split(/\r?\n/u)
    .map((line) =>
      line
        .split(SGR_SEQUENCE)
        .map((part, i) => (i % 2 === 0 ? gate(part) : colour ? part : ''))
        .join(''),
    )
    .join('\n');
}

// The escape character by its code: a literal one in a pattern is what linters warn about.
const SGR_SEQUENCE = new RegExp(`(${String.fromCharCode(27)}\\[[0-9;:]*m)`, 'u');

/**
 * JSON that is safe to show and loses nothing: what JSON leaves as it is and a terminal would obey
 * is written as \u escapes.
 */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => {
    if (char === '\n') return char;
    return [...utf16(char)].map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}

function* utf16(char: string): Iterable<number> {
  for (let i = 0; i < char.length; i += 1) yield char.charCodeAt(i);
}
