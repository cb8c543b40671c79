/**
 * One string for SSH's `exec` request that every login shell turns into exactly the argv wanted.
 *
 * sshd hands the string to the user's login shell (`$SHELL -c STRING`, sshd(8)), which may be a
 * POSIX shell, zsh, fish or (t)csh; their rules agree on very little. What they do agree on: a
 * single-quoted word without `'`, `\`, `!` and control characters is literal (`!` is history in csh,
 * `\` an escape in fish, a newline an error in csh), and `exec` replaces the shell. So the login shell
 * sees only `exec /bin/sh -c 'CONSTANT' sh 'ENCODED' …`, where a POSIX sh decodes a script in which
 * every other byte is an octal escape of printf's `%b` (printf(1p)).
 *
 * `exec` also means that the command's own end is what sshd reports (a signal stays a signal) and
 * that nothing of the login shell runs after it.
 */
import { HotdeskError } from '../kernel/errors.ts';

/** Words stay below this, because a C shell may refuse longer ones ("Word too long"). */
const WORD_LIMIT = 900;
/**
 * Longest string handed to the login shell: the kernel takes no single argument over 128 KiB
 * (MAX_ARG_STRLEN, execve(2)), and the decoded script is one argument no longer.
 */
const LINE_LIMIT = 120 * 1024;
const PLAIN = /^[A-Za-z0-9_./:@%+,-]+$/u;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/u;

export type ShellEnv = Readonly<Record<string, string>>;

/**
 * A POSIX shell script that becomes `argv` with `env` added to its environment.
 * @throws HotdeskError `bad-argument` for a NUL byte, a lone surrogate, an empty argv, a program
 * name that `exec` or `env` would misread, or a variable name that is none
 */
export function posixCommand(argv: readonly string[], env: ShellEnv = {}): string {
  const program = argv[0];
  if (!program) throw new HotdeskError('bad-argument', 'There is no command to run.');
  if (program.startsWith('-')) {
    throw new HotdeskError('bad-argument', 'A program name cannot begin with “-”.');
  }
  const assignments = Object.entries(env).map(([name, value]) => {
    if (!ENV_NAME.test(name)) throw new HotdeskError('bad-argument', 'That is no name for a variable.');
    return `${name}=${quotePosix(value)}`;
  });
  if (assignments.length > 0 && program.includes('=')) {
    throw new HotdeskError('bad-argument', 'A program name cannot hold “=” when variables are set.');
  }
  const words = argv.map(quotePosix);
  // env(1) rather than `export`: a variable may be read-only in the shell (UID, PPID).
  return assignments.length > 0
    ? `exec env ${assignments.join(' ')} ${words.join(' ')}`
    : `exec ${words.join(' ')}`;
}

/** One word for a POSIX shell. */
export function quotePosix(word: string): string {
  if (word.includes('\0')) throw new HotdeskError('bad-argument', 'An argument cannot hold a NUL byte.');
  if (!word.isWellFormed()) {
    throw new HotdeskError('bad-argument', 'An argument holds half a character (a lone surrogate).');
  }
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The line for any login shell that runs `script` by /bin/sh.
 * @param script POSIX shell text
 * @throws HotdeskError `bad-argument` when it is too long for a command line
 */
export function forAnyShell(script: string): string {
  const words = encode(script).map((word) => `'${word}'`);
  const line = `exec /bin/sh -c 'eval "$(printf %b "$@")"' sh ${words.join(' ')}`;
  if (line.length > LINE_LIMIT) {
    throw new HotdeskError('bad-argument', 'The command is too long to be run over SSH.', {
      hint: 'Put it in a script on that host.',
    });
  }
  return line;
}

/** Bytes as words of printable ASCII that printf's %b puts together again. */
function encode(script: string): string[] {
  const words: string[] = [];
  let word = '';
  for (const byte of Buffer.from(script, 'utf8')) {
    const literal = byte >= 0x20 && byte < 0x7f && byte !== 0x21 && byte !== 0x27 && byte !== 0x5c;
    word += literal ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`;
    if (word.length >= WORD_LIMIT - 5) {
      words.push(word);
      word = '';
    }
  }
  if (word) words.push(word);
  return words;
}
