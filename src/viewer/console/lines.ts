/** From the bytes of a connection file to its lines, with limits. Pure. */
import { HotdeskError } from '../../kernel/errors.ts';

/** Largest file that is read, in bytes: a certificate in it is the most of it. */
export const CONSOLE_FILE_LIMIT = 64 * 1024;
const LINES_LIMIT = 500;

export interface TextLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/**
 * The text of a file: UTF-8, or UTF-16 where it says so, as Windows writes it.
 * @throws HotdeskError `bad-argument` for what is too long, no text, or has control characters
 */
export function textOf(data: Uint8Array): string {
  if (data.length > CONSOLE_FILE_LIMIT) {
    throw bad(`it is larger than ${CONSOLE_FILE_LIMIT / 1024} KiB, so no connection file`);
  }
  const isWide = data[0] === 0xff && data[1] === 0xfe;
  let text: string;
  try {
    text = new TextDecoder(isWide ? 'utf-16le' : 'utf-8', { fatal: true }).decode(data);
  } catch (cause) {
    throw bad('it is no text', cause);
  }
  const odd = /(?![\r\n\t])\p{Cc}/u.exec(text);
  if (odd) throw bad(`line ${lineAt(text, odd.index)} has a control character`);
  return text;
}

/** Lines that are not blank. @throws HotdeskError `bad-argument` where there are too many */
export function linesOf(text: string): TextLine[] {
  const lines = text.split(/\r\n|\r|\n/u);
  if (lines.length > LINES_LIMIT) throw bad(`it has more than ${LINES_LIMIT} lines`);
  return lines.flatMap((line, i) => (line.trim() === '' ? [] : [{ number: i + 1, text: line }]));
}

/** @param what was found, without any of its values: they may be secret */
export function bad(what: string, cause?: unknown): HotdeskError {
  return new HotdeskError('bad-argument', `This is no connection file that can be opened: ${what}.`, {
    hint: 'hotdesk opens .vv files, .rdp files, and spice://, spice+unix://, vnc:// and rdp:// URLs.',
    cause,
  });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split(/\r\n|\r|\n/u).length;
}
