/** Files of another machine, by POSIX shell scripts over SSH: for every login shell that runs commands. */
import { HotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import type { ExecResult, Machine } from '../../model/machine.ts';
import { draftOf, type Files, type Stat } from './files.ts';

const MISSING = 44;
const READ = `[ -e "$1" ] || exit ${MISSING}; exec cat -- "$1"`;
// ls(1p) is what every system has; stat(1) is not in POSIX.
const STAT = `[ -e "$1" ] || exit ${MISSING}; LC_ALL=C exec ls -ldLn -- "$1"`;
/** Sets f to what a path leads to, t to the draft beside that. */
const FOLLOW = `
f=$1 n=0
while [ -h "$f" ] && [ "$n" -lt 20 ]; do
  l=$(readlink "$f") || exit 1
  case $l in /*) f=$l ;; *) f=\${f%/*}/$l ;; esac
  n=$((n + 1))
done
t=${draftOf('$f')}
`;
/**
 * A copy beside it is written, checked for its size, synced and renamed. `cp -p` gives it the old file's owner,
 * mode and attributes; restorecon(8) its SELinux label.
 */
const WRITE = `${FOLLOW}
mode=$2 size=$3
rm -f -- "$t" || exit 1
umask 077
locked=
trap 'rm -f "$t"' EXIT
trap 'exit 1' HUP INT TERM
if [ -e "$f" ]; then
  cp -p -- "$f" "$t" || exit 1
  [ -w "$t" ] || { chmod u+w "$t" && locked=yes; } || exit 1
fi
cat >"$t" || exit 1
[ "$(wc -c <"$t")" -eq "$size" ] || { echo 'it was not written whole' >&2; exit 1; }
if [ ! -e "$f" ]; then chmod "$mode" "$t" || exit 1; elif [ -n "$locked" ]; then chmod u-w "$t" || exit 1; fi
sync "$t" 2>/dev/null || sync
mv -f -- "$t" "$f" || exit 1
trap - EXIT
if command -v restorecon >/dev/null 2>&1; then restorecon -- "$f" 2>/dev/null; fi
exit 0`;
const MAKE = `[ -d "$1" ] && exit ${MISSING}; mkdir -m "$2" -- "$1" || exit 1
if command -v restorecon >/dev/null 2>&1; then restorecon -- "$1" 2>/dev/null; fi
exit 0`;
const REMOVE_FOLDER = `rmdir -- "$1" 2>/dev/null; [ ! -e "$1" ]`;

/** @param home of the user there */
export function filesThere(machine: Machine, home: string): Files {
  const run = (script: string, args: readonly string[], stdin?: Buffer): Promise<ExecResult> =>
    machine.exec(['sh', '-c', script, 'hotdesk', ...args], stdin ? { stdin } : {});
  /** @returns undefined where there is none */
  const orMissing = async (script: string, path: string, ...args: string[]) => {
    const result = await run(script, [path, ...args]);
    if (result.code === MISSING) return undefined;
    if (result.code !== 0) throw failure(machine.name, path, result);
    return result;
  };
  const must = async (script: string, path: string, args: readonly string[] = [], stdin?: Buffer) => {
    const result = await run(script, [path, ...args], stdin);
    if (result.code !== 0) throw failure(machine.name, path, result);
  };
  return {
    where: 'there',
    name: machine.name,
    home,
    stat: async (path) => {
      const result = await orMissing(STAT, path);
      return result && parseLs(result.stdout.toString('utf8'));
    },
    read: async (path) => (await orMissing(READ, path))?.stdout,
    write: (path, bytes, mode) => must(WRITE, path, [mode.toString(8), String(bytes.length)], bytes),
    discardDraft: async (path) => {
      await run(`${FOLLOW}rm -f -- "$t"`, [path]);
    },
    makeFolder: async (path, mode) => (await orMissing(MAKE, path, mode.toString(8))) !== undefined,
    setMode: (path, mode) => must('exec chmod -- "$2" "$1"', path, [mode.toString(8)]),
    remove: (path) => must('exec rm -f -- "$1"', path),
    removeFolder: async (path) => (await run(REMOVE_FOLDER, [path])).code === 0,
  };
}

const BITS = 'rwxrwxrwx';

/** A line of `ls -ldn` (ls(1p)): `drwx--S--T 2 1000 1000 …`. */
export function parseLs(line: string): Stat | undefined {
  const match = /^(\S)(\S{9})\S*\s+\d+\s+(\d+)/u.exec(line);
  if (!match) return undefined;
  const [, type = '', letters = '', uid = ''] = match;
  let mode = 0;
  for (const [at, bit] of [...BITS].entries()) {
    const letter = letters[at] ?? '-';
    const special = bit === 'x' && /[sStT]/u.test(letter);
    if (special) mode |= at === 2 ? 0o4000 : at === 5 ? 0o2000 : 0o1000;
    if (letter === bit || (special && /[st]/u.test(letter))) mode |= 1 << (8 - at);
  }
  return { kind: type === '-' ? 'file' : type === 'd' ? 'folder' : 'other', mode, uid: Number(uid) };
}

function failure(name: string, path: string, result: ExecResult): HotdeskError {
  const said = sanitise(result.stderr.toString('utf8').trim().split('\n').at(-1) ?? '', 200);
  const hint = /no space|quota/iu.test(said)
    ? `Nothing was changed. Make room on ${name}, then run setup again.`
    : `Nothing was changed. Look at it on ${name} with: ls -ld ${path}`;
  return new HotdeskError('unsafe-file', `${path} on ${name} cannot be changed${said ? `: ${said}` : ''}.`, {
    hint,
  });
}
