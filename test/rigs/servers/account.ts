/** The account that the tests log in to, in an /etc of its own: the machine's passwd, shadow and pam.d stay as they are. */
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const USER = 'casey';
export const UID = 4321;
export const PASSWORD = 'open sesame';
/** crypt(3) of PASSWORD, few rounds. */
const HASH =
  '$6$rounds=1000$hotdesk$xQB52DK8liaRMGqQIY4ZSyozvz05OpV6aMxLz5U.kz.REONhfglWhcZr51KkhZLbrFx05.lTGz12na/uWE1uO0';
/** Secret of the one-time codes (RFC 4226), hexadecimal. */
export const CODE_SECRET = '3132333435363738393031323334353637383930';

export interface AccountOptions {
  /** Default /bin/bash. */
  readonly shell?: string;
  /** Its password must be changed at the next login (shadow(5): last change 0). */
  readonly expired?: boolean;
  /** Mode of the home folder; default 755. */
  readonly homeMode?: number;
  /** Files of the home folder: path → text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Lines of authorized_keys. */
  readonly keys: readonly string[];
  /** Lines of /etc/pam.d/sshd; default: the password, asked for once. */
  readonly pam?: readonly string[];
}

const PAM = [
  'auth required pam_unix.so nodelay',
  'account required pam_unix.so',
  'password required pam_unix.so',
  'session required pam_permit.so',
];

/** PAM that wants the password and then a one-time code. */
export const PAM_TWO_PROMPTS = [
  'auth required pam_unix.so nodelay',
  'auth required pam_oath.so usersfile=/etc/users.oath window=20',
  ...PAM.slice(1),
];

/** Writes `dir`/etc and `dir`/home. */
export function writeAccount(dir: string, options: AccountOptions): void {
  const changed = options.expired ? 0 : 19_000;
  const shell = options.shell ?? '/bin/bash';
  const etc: Readonly<Record<string, readonly string[]>> = {
    passwd: [
      'root:x:0:0:root:/root:/bin/bash',
      'sshd:x:105:65534::/run/sshd:/usr/sbin/nologin',
      'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
      `${USER}:x:${UID}:${UID}:Casey:/home/${USER}:${shell}`,
    ],
    group: ['root:x:0:', 'tty:x:5:', 'shadow:x:42:', 'nogroup:x:65534:', `${USER}:x:${UID}:`],
    shadow: [
      'root:*:19000:0:99999:7:::',
      'sshd:*:19000:0:99999:7:::',
      `${USER}:${HASH}:${changed}:0:99999:7:::`,
    ],
    shells: ['/bin/sh', '/bin/bash', shell],
    'nsswitch.conf': ['passwd: files', 'group: files', 'shadow: files', 'hosts: files'],
    hosts: ['127.0.0.1 localhost', '::1 localhost'],
    'pam.d/sshd': options.pam ?? PAM,
    'pam.d/passwd': options.pam ?? PAM,
    'pam.d/other': ['auth required pam_deny.so', 'account required pam_deny.so'],
    'users.oath': [`HOTP ${USER} - ${CODE_SECRET}`],
  };
  for (const [name, lines] of Object.entries(etc)) write(join(dir, 'etc', name), `${lines.join('\n')}\n`);
  for (const secret of ['shadow', 'users.oath']) chmodSync(join(dir, 'etc', secret), 0o600);

  const home = join(dir, 'home', USER);
  mkdirSync(join(home, '.ssh'), { recursive: true });
  const files = { '.ssh/authorized_keys': `${options.keys.join('\n')}\n`, ...options.files };
  for (const [path, text] of Object.entries(files)) {
    write(join(home, path), text);
    // Each folder on the way too.
    for (let at = path; at !== '.'; at = dirname(at)) chownSync(join(home, at), UID, UID);
  }
  chmodSync(join(home, '.ssh', 'authorized_keys'), 0o600);
  chmodSync(join(home, '.ssh'), 0o700);
  chownSync(home, UID, UID);
  chmodSync(home, options.homeMode ?? 0o755);
}

/** Sets the day of the last change to 0: shadow(5). */
export function expire(dir: string): void {
  const file = join(dir, 'etc', 'shadow');
  const text = readFileSync(file, 'utf8').replace(
    new RegExp(`^(${USER}:[^:]*:)\\d+`, 'mu'),
    (_all, before: string) => `${before}0`,
  );
  // In its place: the server sees this very folder.
  writeFileSync(file, text);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
