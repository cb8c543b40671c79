/** Why sshd ignores keys that are there: StrictModes (sshd_config(5)), which dropbear has without a name. */
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { Machine } from '../model/machine.ts';

/** What sshd looks at, in the order in which a person would cure it. */
const PLACES = ['', '/.ssh', '/.ssh/authorized_keys'] as const;
/** ls(1) as POSIX has it: the mode first, the numeric owner third. */
const SCRIPT = `id -u; for p in ${PLACES.map((p) => `"$HOME${p}"`).join(' ')}; do ls -ldnL -- "$p" 2>/dev/null || echo none; done`;
const LINE = /^[-dl]([-rwxsStT]{9})\S*\s+\d+\s+(\d+)\s/u;

/**
 * The first thing that makes sshd pass over the user's authorized_keys: it, its folder or the home
 * folder belongs to, or can be written by, somebody else.
 * @param machine on which commands run as that user, whatever the way to log in was
 * @param user for the message
 * @returns an `auth-failed` with the cure; undefined: nothing of the kind
 * @throws HotdeskError as Machine.exec does
 */
export async function keysIgnored(
  machine: Machine,
  user: string,
  signal?: AbortSignal,
): Promise<HotdeskError | undefined> {
  const { stdout } = await machine.exec(['sh', '-c', SCRIPT], {
    timeoutMs: 10_000,
    ...(signal ? { signal } : {}),
  });
  const found = firstLoose(stdout.toString('utf8'));
  if (!found) return undefined;
  const where = found.place === '' ? `The home folder of ${user}` : `~${user}${found.place}`;
  const what = found.why === 'writable' ? 'can be written by others' : `does not belong to ${user}`;
  const path = `~${found.place}`;
  return new HotdeskError(
    'auth-failed',
    `${where} on ${sanitise(machine.name)} ${what}, so its SSH server ignores the keys in it (StrictModes).`,
    {
      hint: `On that machine: ${found.why === 'writable' ? `chmod go-w ${path}` : `sudo chown ${user} ${path}`}`,
    },
  );
}

/** Reads what SCRIPT writes. Pure. */
export function firstLoose(
  text: string,
): { readonly place: (typeof PLACES)[number]; readonly why: 'writable' | 'owner' } | undefined {
  const [uid, ...lines] = text.split('\n');
  for (const [index, place] of PLACES.entries()) {
    const match = LINE.exec(lines[index] ?? '');
    if (!match) continue;
    const [, mode = '', owner] = match;
    if (owner !== '0' && owner !== uid?.trim()) return { place, why: 'owner' };
    // rwxrwxrwx: the group's w, the others' w.
    if (mode[4] === 'w' || mode[7] === 'w') return { place, why: 'writable' };
  }
  return undefined;
}
