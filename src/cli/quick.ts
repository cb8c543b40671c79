/**
 * `hotdesk list` with nothing but plain flags goes past the parser of command lines: prompts, status
 * bars and completion call it all the time, and loading the parser is an eighth of its CPU time.
 */
import type { Flags } from './console.ts';

const FLAGS: Readonly<Record<string, keyof Flags>> = {
  '--json': 'json',
  '-q': 'quiet',
  '--quiet': 'quiet',
  '-v': 'verbose',
  '--verbose': 'verbose',
};

/** The flags of a plain `list`; undefined for anything else, which is the parser's. */
export function plainList(argv: readonly string[]): Flags | undefined {
  if (argv[0] !== 'list') return undefined;
  const flags: { -readonly [K in keyof Flags]: boolean } = {};
  for (const word of argv.slice(1)) {
    const flag = Object.hasOwn(FLAGS, word) ? FLAGS[word] : undefined;
    if (flag === undefined) return undefined;
    flags[flag] = true;
  }
  return flags;
}
