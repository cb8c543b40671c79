/** How this hotdesk is called: hints name commands, and a command that is not found helps nobody. */
import { realpathSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { findProgram } from '../kernel/programs.ts';

export interface Called {
  /** Path of the program that runs. */
  readonly program: string;
  readonly cwd: string;
  /** PATH. */
  readonly path: string | undefined;
}

/** `hotdesk` where that, in PATH, is this program; else its path, from here if it is below. */
export function callName({ program, cwd, path }: Called): string {
  const named = findProgram('hotdesk', path);
  if (!isAbsolute(program) || (named !== undefined && isSame(named, program))) return 'hotdesk';
  const below = relative(cwd, program);
  const short = below.startsWith('..') || isAbsolute(below) ? program : `./${below}`;
  return /^[\w./+@-]+$/u.test(short) ? short : `'${short.replaceAll("'", "'\\''")}'`;
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

/** A hint with its commands as they work here: `` `hotdesk list` `` and, at the end, `: hotdesk trust alpha …`. */
export function asCalled(hint: string, name: string): string {
  if (name === 'hotdesk') return hint;
  return hint.replace(/(?<=`|: )hotdesk(?= )/gu, () => name);
}
