/** Where sshd looks for users' keys, if not in ~/.ssh/authorized_keys: AuthorizedKeysFile of sshd_config(5). */
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { Machine } from '../model/machine.ts';

const FILE = '# hotdesk: a file';
/** The files that Debian's sshd_config includes come before the rest of it. $1: their folder. */
const SCRIPT = `for f in "$1"/sshd_config.d/*.conf "$1"/sshd_config; do echo '${FILE}'; cat -- "$f" 2>/dev/null; echo; done | head -c 200000`;
const HOME = new Set(['.ssh/authorized_keys', '%h/.ssh/authorized_keys']);

/**
 * Why a key in ~/.ssh/authorized_keys opens nothing: sshd looks elsewhere.
 * @param machine on which commands run as that user, whatever the way to log in was
 * @param folder where sshd's configuration is
 * @returns an `auth-failed` with what to do; undefined: nothing of the kind can be read there
 * @throws HotdeskError as Machine.exec does
 */
export async function keysElsewhere(
  machine: Machine,
  { user, folder = '/etc/ssh' }: { readonly user: string; readonly folder?: string },
  signal?: AbortSignal,
): Promise<HotdeskError | undefined> {
  const { stdout } = await machine.exec(['sh', '-c', SCRIPT, 'sh', folder], {
    timeoutMs: 10_000,
    ...(signal ? { signal } : {}),
  });
  const places = keyFiles(stdout.toString('utf8'), user);
  if (!places) return undefined;
  const name = sanitise(machine.name);
  const where = sanitise(places.join(' and '), 200);
  return new HotdeskError(
    'auth-failed',
    places.length > 0
      ? `The SSH server of ${name} looks for the keys of ${user} in ${where}, and not in ~/.ssh/authorized_keys (AuthorizedKeysFile).`
      : `The SSH server of ${name} heeds no files with keys (AuthorizedKeysFile none).`,
    {
      hint:
        places.length > 0
          ? `Have a key of yours put there by whoever runs ${name} (\`ssh-keygen -t ed25519\` makes one), then once more.`
          : `Go on without a key (\`--skip key\`): hotdesk asks for the password.`,
    },
  );
}

/**
 * Reads what SCRIPT writes; the first value counts, and what stands below a Match is for some logins only. Pure.
 * @returns the files, `%u` and `%%` put in; undefined: the usual one is among them
 */
export function keyFiles(text: string, user: string): readonly string[] | undefined {
  for (const file of text.split(FILE)) {
    for (const line of file.split('\n')) {
      const [, keyword = '', value = ''] = /^\s*([a-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/iu.exec(line) ?? [];
      if (keyword.toLowerCase() === 'match') break;
      if (keyword.toLowerCase() !== 'authorizedkeysfile') continue;
      const places = value.split(/\s+/u).map((place) => place.replace(/^"(.*)"$/u, '$1'));
      if (places.some((place) => HOME.has(place))) return undefined;
      if (places.length === 1 && places[0]?.toLowerCase() === 'none') return [];
      return places.map((place) => place.replace(/%([u%])/gu, (_, what) => (what === 'u' ? user : '%')));
    }
  }
  return undefined;
}
