/**
 * The `Exec` key of a desktop entry as argv (Desktop Entry Specification 1.5, "The Exec key"). No shell
 * is ever involved: the rules are the specification's own. Pure.
 */
import { HotdeskError } from '../kernel/errors.ts';

/** What field codes stand for. There are no files: an application is started by itself. */
export interface ExecFields {
  /** Translated name, `%c`. */
  readonly name: string;
  /** `%i`: two arguments, or none where it is empty. */
  readonly icon: string | undefined;
  /** The entry's own file, `%k`. */
  readonly file: string;
}

interface Word {
  text: string;
  /** No part of it was quoted. */
  plain: boolean;
}

/** Files and URLs, and the deprecated ones: nothing stands for them. */
const EMPTY_CODES = 'fFuUdDnNvm';
/** What a backslash stands before within double quotes. */
const QUOTED_ESCAPES = '"`$\\';

/**
 * @param exec the value without the escapes of the file format (`unescapeString`)
 * @throws HotdeskError `bad-argument` for an unknown field code, an open quote, or no program
 */
export function parseExec(exec: string, fields: ExecFields): string[] {
  const argv = split(exec).flatMap((word) => expand(word, fields));
  const [program] = argv;
  // env(1) and `exec` of the profiles' scripts would misread such names.
  if (!program || program.includes('=') || program.startsWith('-')) throw bad('it names no program');
  if (argv.some((arg) => arg.includes('\0') || !arg.isWellFormed()))
    throw bad('it holds a damaged character');
  return argv;
}

/**
 * Splits at white space. The specification knows double quotes only; single ones and backslashes outside
 * of quotes are there in entries all the same, and mean what GLib takes them for: what a shell does.
 */
function split(exec: string): Word[] {
  const words: Word[] = [];
  let word: Word | undefined;
  const add = (text: string, plain: boolean) => {
    if (!word) {
      word = { text: '', plain: true };
      words.push(word);
    }
    word.text += text;
    word.plain &&= plain;
  };
  for (let at = 0; at < exec.length; at += 1) {
    const char = exec.charAt(at);
    if (char === '"' || char === "'") {
      const quoted = quotedAt(exec, at);
      add(quoted.text, false);
      at = quoted.end;
    } else if (char === '\\') {
      at += 1;
      if (at === exec.length) throw bad('it ends with a backslash');
      add(exec.charAt(at), false);
    } else if (/[ \t\n\r]/u.test(char)) word = undefined;
    else add(char, true);
  }
  return words;
}

/** The quoted text that opens at `start`, and where it ends. */
function quotedAt(exec: string, start: number): { text: string; end: number } {
  const quote = exec.charAt(start);
  let text = '';
  for (let at = start + 1; at < exec.length; at += 1) {
    const char = exec.charAt(at);
    if (char === quote) return { text, end: at };
    const next = exec.charAt(at + 1);
    if (quote === '"' && char === '\\' && next !== '' && QUOTED_ESCAPES.includes(next)) {
      text += next;
      at += 1;
    } else text += char;
  }
  throw bad('a quotation mark is not closed');
}

/** A word that is nothing but a code without a value is no argument at all. */
function expand({ text, plain }: Word, fields: ExecFields): string[] {
  if (plain && text === '%i') return fields.icon ? ['--icon', fields.icon] : [];
  if (plain && text.length === 2 && text.startsWith('%') && EMPTY_CODES.includes(text.charAt(1))) return [];
  return [
    text.replace(/%(.?)/gsu, (_, code: string) => {
      if (code === '%') return '%';
      if (code === 'c') return fields.name;
      if (code === 'k') return fields.file;
      if (code === 'i') return fields.icon ?? '';
      if (code !== '' && EMPTY_CODES.includes(code)) return '';
      throw bad(`%${code} is no field code`);
    }),
  ];
}

function bad(why: string): HotdeskError {
  return new HotdeskError('bad-argument', `The Exec key cannot be used: ${why}.`);
}
