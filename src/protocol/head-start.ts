/**
 * What a command that opens a window hands to the agent before it has a Node to run in: see bin/hotdesk.js, and
 * docs/protocol.md (Head starts). Pure.
 */
import { type GivenOptions, parseOption } from '../model/given-option.ts';
import type { Seat } from '../model/seat.ts';
import { SEAT_VARIABLES, seatOf } from '../model/seat-of.ts';

/** In their folder: the number of the agent's process. */
export const HEAD_STARTS_AGENT = 'agent';
/** First line of one. */
const FORM = 'hotdesk 1';
/** A head start is no longer, in bytes. */
export const HEAD_START_LIMIT = 65_536;
/** Where the answer goes: a pipe beside it. */
export const saidTo = (file: string) => `${file}.said`;

export interface HeadStart {
  /** What follows the program's name. */
  readonly words: readonly string[];
  /** Standard input and output are a terminal. */
  readonly isTerminal: boolean;
  readonly seat: Seat;
}

/**
 * Reads one: a line each for the form, whether there is a terminal (`1` or `0`), the variables of the seat in
 * their order (empty where one is not set), the count of the words, each word, and `end`.
 * @returns `incomplete` for one that is being written, undefined for anything else
 */
export function readHeadStart(bytes: Uint8Array): HeadStart | 'incomplete' | undefined {
  const text = bytes.length > HEAD_START_LIMIT ? undefined : decoded(bytes);
  if (text === undefined) return undefined;
  if (!text.endsWith('\nend\n')) return 'incomplete';
  const [form, terminal, ...lines] = text.slice(0, -'\nend\n'.length).split('\n');
  const values = lines.splice(0, SEAT_VARIABLES.length);
  const [count, ...words] = lines;
  if (form !== FORM || !/^[01]$/u.test(terminal ?? '') || count !== `${words.length}`) return undefined;
  const seat = seatOf(Object.fromEntries(SEAT_VARIABLES.map((name, i) => [name, values[i]])));
  return seat && { words, isTerminal: terminal === '1', seat };
}

/** Undefined for what is not UTF-8: the command line would see other words. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What a plain command line asks of the agent, without the seat. */
export type PlainCommand =
  | {
      readonly method: 'start';
      readonly params: {
        readonly host: string;
        readonly command: readonly string[];
        readonly options: GivenOptions;
        readonly attach: true;
        readonly backend?: string;
        readonly name?: string;
        readonly kind?: 'app' | 'desktop' | 'terminal';
      };
    }
  | {
      readonly method: 'attach';
      readonly params: { readonly ref: string; readonly mode: 'take'; readonly options: GivenOptions };
    }
  | { readonly method: 'move'; readonly params: { readonly ref: string; readonly options: GivenOptions } };

const KINDS = ['app', 'desktop', 'terminal'] as const;
const START_OPTIONS: Readonly<Record<string, 'backend' | 'name' | 'kind' | 'option'>> = {
  '-b': 'backend',
  '--backend': 'backend',
  '-n': 'name',
  '--name': 'name',
  '-k': 'kind',
  '--kind': 'kind',
  '-o': 'option',
  '--option': 'option',
};
const VIEW_OPTIONS: Readonly<Record<string, 'option'>> = { '-o': 'option', '--option': 'option' };

/**
 * What the words of a command line mean; undefined for anything that is not the plain form, which the parser
 * of the command line reads: one name first, then options with their values apart, then a command after `--`.
 */
export function plainCommand([method, name, ...rest]: readonly string[]): PlainCommand | undefined {
  if (name === undefined || !isValue(name)) return undefined;
  if (method !== 'start' && method !== 'attach' && method !== 'move') return undefined;
  const dashes = rest.indexOf('--');
  if (method !== 'start' && dashes >= 0) return undefined;
  const given = optionsIn(
    dashes < 0 ? rest : rest.slice(0, dashes),
    method === 'start' ? START_OPTIONS : VIEW_OPTIONS,
  );
  if (!given) return undefined;
  const { options, backend, name: called, kind: wanted } = given;
  if (method === 'attach') return { method, params: { ref: name, mode: 'take', options } };
  if (method === 'move') return { method, params: { ref: name, options } };
  const kind = KINDS.find((each) => each === wanted);
  if (wanted !== undefined && kind === undefined) return undefined;
  return {
    method,
    params: {
      host: name,
      command: dashes < 0 ? [] : rest.slice(dashes + 1),
      options,
      attach: true,
      ...(backend === undefined ? {} : { backend }),
      ...(called === undefined ? {} : { name: called }),
      ...(kind === undefined ? {} : { kind }),
    },
  };
}

interface Given {
  options: GivenOptions;
  backend?: string;
  name?: string;
  kind?: string;
}

/** Pairs of an option and its value; each once but those of the profile. */
function optionsIn(
  words: readonly string[],
  known: Readonly<Record<string, 'backend' | 'name' | 'kind' | 'option'>>,
): Given | undefined {
  const given: Given = { options: {} };
  for (let at = 0; at < words.length; at += 2) {
    const [word = '', value] = words.slice(at, at + 2);
    const what = Object.hasOwn(known, word) ? known[word] : undefined;
    if (what === undefined || value === undefined || !isValue(value)) return undefined;
    if (what !== 'option') {
      if (given[what] !== undefined) return undefined;
      given[what] = value;
      continue;
    }
    try {
      given.options = { ...given.options, ...parseOption(value) };
    } catch {
      return undefined;
    }
  }
  return given;
}

/** Neither an option nor nothing. */
function isValue(word: string): boolean {
  return word !== '' && !word.startsWith('-');
}
