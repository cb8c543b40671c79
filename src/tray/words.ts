/** What somebody types as a command, in words: blanks, quotes and backslashes as in a shell, nothing expanded. Pure. */
import { HotdeskError } from '../kernel/errors.ts';

const PART = /\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"|([^\s'"\\]+)|(\s+)/gsuy;

/** @throws HotdeskError `bad-argument` for a quote that is not closed, or nothing at all */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const part = PART.exec(text);
    if (!part) throw new HotdeskError('bad-argument', `A quote is not closed: ${text.slice(0, 80)}`);
    const [, escaped, single, double, bare, blank] = part;
    if (blank !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + (escaped ?? single ?? double?.replace(/\\(["\\$`])/gu, '$1') ?? bare ?? '');
    }
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0) throw new HotdeskError('bad-argument', 'There is no command.');
  return words;
}
