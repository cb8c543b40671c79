/** The host that is set up, as far as a login shows it. */
import { HotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import { compareVersions } from '../../profiles/version.ts';
import type { SshConnection } from '../../ssh/ssh.ts';
import { filesBySftp } from '../files/by-sftp.ts';
import type { Files } from '../files/files.ts';
import { filesThere } from '../files/there.ts';

/** The package managers that setup can use. */
export const MANAGERS = ['apt-get', 'dnf', 'pacman', 'zypper', 'apk', 'brew'] as const;
export type Manager = (typeof MANAGERS)[number];

export interface FarFacts {
  readonly home: string;
  readonly uid: number;
  readonly user: string;
  /** ID and ID_LIKE of os-release(5). */
  readonly os: readonly string[];
  readonly managers: readonly Manager[];
  readonly hasSudo: boolean;
  /** The newest Node found. */
  readonly node: { readonly path: string; readonly version: string } | undefined;
  /** A hotdesk that a shell there would find, by its path. */
  readonly hotdesk: { readonly path: string; readonly version: string } | undefined;
  /** An agent of ours answers on this socket. */
  readonly socket: string | undefined;
  /** A systemd user manager answers. */
  readonly systemd: boolean;
  /** The agent comes back by itself: a systemd unit or an autostart entry is there. */
  readonly returns: boolean;
  /** It stays when nobody is logged in. */
  readonly lingers: boolean;
}

export interface Far {
  readonly connection: SshConnection;
  readonly files: Files;
  /** Undefined: it runs no commands for us, there is only SFTP. */
  readonly facts: FarFacts | undefined;
}

/** Sets d to the folder of the agent's socket, by the rule of protocol/paths. */
const FOLDER = `u=$(id -u)
d=/run/user/$u
if [ -d "$d" ]; then d=$d/hotdesk; else d=/tmp/hotdesk-$u; fi
`;
const SCRIPT = `
${FOLDER}say() { printf 'hotdesk-far:%s\\n' "$1"; }
say "home=$HOME"
say "uid=$u"
say "user=$(id -un)"
[ "$(uname -s)" = Darwin ] && say os=macos
say "os=$(sed -n 's/^ID=//p; s/^ID_LIKE=//p' /etc/os-release 2>/dev/null | tr -d '"' | tr '\\n' ' ')"
for m in ${MANAGERS.join(' ')}; do command -v $m >/dev/null 2>&1 && say "manager=$m"; done
command -v sudo >/dev/null 2>&1 && say sudo=yes
for n in "$(command -v node)" /usr/bin/node /usr/local/bin/node "$HOME"/.local/bin/node "$HOME"/.nvm/versions/node/*/bin/node "$HOME"/.volta/bin/node /opt/homebrew/bin/node; do
  [ -x "$n" ] && say "node=$("$n" --version 2>/dev/null) $n"
done
h=$(command -v hotdesk || printf %s "$HOME/.local/bin/hotdesk")
[ -x "$h" ] && say "hotdesk=$("$h" --version 2>/dev/null | head -n 1) $h"
[ -S "$d/agent.sock" ] && [ -O "$d/agent.sock" ] && say "socket=$d/agent.sock"
if [ -d "/run/user/$u" ] && command -v systemctl >/dev/null 2>&1; then
  XDG_RUNTIME_DIR=/run/user/$u systemctl --user show-environment >/dev/null 2>&1 && say systemd=yes
fi
for f in "$HOME/.config/systemd/user/hotdesk.service" "$HOME/.config/autostart/hotdesk.desktop" /etc/systemd/user/hotdesk.service /usr/lib/systemd/user/hotdesk.service /etc/xdg/autostart/hotdesk.desktop; do
  [ -e "$f" ] && say returns=yes
done
[ -e "/var/lib/systemd/linger/$(id -un)" ] && say lingers=yes
exit 0`;

/**
 * Looks at the host.
 * @throws HotdeskError `not-supported` where it neither runs commands for us nor has SFTP
 */
export async function lookThere(connection: SshConnection, signal?: AbortSignal): Promise<Far> {
  const facts = await askShell(connection, signal);
  if (facts) return { connection, facts, files: filesThere(connection, facts.home) };
  const sftp = await connection.sftp(signal).catch((cause: unknown) => {
    throw new HotdeskError(
      'not-supported',
      `${connection.name} lets us in, but runs no commands for this login and has no SFTP.`,
      { cause, hint: 'Its login shell may be nologin, or sshd may force another command (ForceCommand).' },
    );
  });
  const home = await sftp.realpath('.');
  if (!home) throw new HotdeskError('not-supported', `${connection.name} has no home folder for this login.`);
  return { connection, facts: undefined, files: filesBySftp(sftp, connection.name, home) };
}

async function askShell(connection: SshConnection, signal?: AbortSignal): Promise<FarFacts | undefined> {
  try {
    const { stdout } = await connection.exec(['sh', '-c', SCRIPT], { signal, timeoutMs: 20_000 });
    return readFacts(stdout.toString('utf8'));
  } catch (error) {
    if (error instanceof HotdeskError && error.code === 'command-failed') return undefined;
    throw error;
  }
}

/** Whether the agent's socket is there. */
export async function isUp(connection: SshConnection, signal?: AbortSignal): Promise<boolean> {
  const script = `${FOLDER}[ -S "$d/agent.sock" ] && [ -O "$d/agent.sock" ]`;
  return (await connection.exec(['sh', '-c', script], { signal })).code === 0;
}

/** What the script says. Pure. @throws HotdeskError `output-unparsable` */
export function readFacts(output: string): FarFacts {
  const values = new Map<string, string[]>();
  for (const [, key = '', value = ''] of output.matchAll(/^hotdesk-far:(\w+)=(.*)$/gmu)) {
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  const first = (key: string) => values.get(key)?.[0] ?? '';
  const home = first('home');
  if (!home.startsWith('/'))
    throw new HotdeskError('output-unparsable', 'The host does not say where our home folder is.');
  const programs = (key: string) =>
    (values.get(key) ?? []).flatMap((value) => {
      const match = /^v?(\d+(?:\.\d+){0,3})\S* (\/.*)$/u.exec(value);
      return match?.[1] && match[2] ? [{ version: match[1], path: match[2] }] : [];
    });
  const os = (values.get('os') ?? []).join(' ');
  return {
    home,
    uid: Number(first('uid')),
    user: sanitise(first('user'), 60),
    os: os.split(/\s+/u).filter(Boolean),
    managers: MANAGERS.filter((name) => values.get('manager')?.includes(name)),
    hasSudo: first('sudo') === 'yes',
    node: programs('node').sort((a, b) => compareVersions(b.version, a.version))[0],
    hotdesk: programs('hotdesk')[0],
    socket: first('socket') || undefined,
    systemd: first('systemd') === 'yes',
    returns: first('returns') === 'yes',
    lingers: first('lingers') === 'yes',
  };
}
