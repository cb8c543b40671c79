/** Breaks text into lines that fit. Pure. */
import { displayWidth } from '../kernel/text.ts';

/** Lines of at most `columns` terminal columns, broken between words; a longer word is broken where it must be. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > columns) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
    while (displayWidth(line) > columns) {
      const head = headOf(line, columns);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return [...lines, line];
}

/** As much of the start as fits, but something: a wide character in one column goes over. */
function headOf(text: string, columns: number): string {
  let head = '';
  for (const char of text) {
    if (head !== '' && displayWidth(head + char) > columns) break;
    head += char;
  }
  return head;
}
