/** The first question to a host over SSH: who it is, and whether a hotdesk agent of ours runs there. */
import { HotdeskError } from '../kernel/errors.ts';
import { hostIdOf } from '../kernel/ids.ts';
import { sanitiseName } from '../kernel/text.ts';
import type { Machine } from '../model/machine.ts';

export interface Greeting {
  readonly hostId: string | undefined;
  readonly host: string | undefined;
  /** The agent's socket, if one of this user is there. */
  readonly socket: string | undefined;
}

/** The runtime folder's rule is that of protocol/paths. */
const SCRIPT = `u=$(id -u)
d=/run/user/$u
if [ -d "$d" ]; then d=$d/hotdesk; else d=/tmp/hotdesk-$u; fi
printf 'host=%s\\n' "$(uname -n)"
for f in /etc/machine-id /var/lib/dbus/machine-id; do
  if [ -r "$f" ]; then printf 'machine=%s\\n' "$(cat "$f")"; break; fi
done
if [ -S "$d/agent.sock" ] && [ -O "$d/agent.sock" ]; then printf 'socket=%s\\n' "$d/agent.sock"; fi
exit 0`;

/** @throws HotdeskError `command-failed` when the host runs no shell for us */
export async function greetHost(machine: Machine, signal?: AbortSignal): Promise<Greeting> {
  const result = await machine.exec(['sh', '-c', SCRIPT], { signal, timeoutMs: 15_000, maxBytes: 65_536 });
  if (result.code !== 0) {
    throw new HotdeskError('command-failed', `${machine.name} runs no commands for this login.`, {
      hint: `Check with \`ssh ${machine.name} true\`; the login shell may be nologin.`,
    });
  }
  return parseGreeting(result.stdout.toString('utf8'));
}

export function parseGreeting(text: string): Greeting {
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'mu').exec(text)?.[1]?.trim() || undefined;
  const machine = value('machine');
  const host = value('host');
  const socket = value('socket');
  return {
    hostId: machine && /^[0-9a-f]{32}$/u.test(machine) ? hostIdOf(machine) : undefined,
    host: host === undefined ? undefined : sanitiseName(host.split('.')[0] ?? '', 'host'),
    socket: socket?.startsWith('/') && socket.length < 108 ? socket : undefined,
  };
}
