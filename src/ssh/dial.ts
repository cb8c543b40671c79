/** Opens a TCP connection to whichever address of a host answers first (Happy Eyeballs, RFC 8305). */
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { cancelled, orAbort } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import type { HostAddress } from '../model/host.ts';

/** RFC 8305 §5: Connection Attempt Delay. */
const STAGGER_MS = 250;

export interface Dialled {
  readonly socket: Socket;
  readonly address: HostAddress;
}

/** The addresses in the order to try: families in turn, beginning with the family of the first (RFC 8305 §4). */
export function interleave(addresses: readonly HostAddress[]): HostAddress[] {
  const lead = addresses.filter((a) => a.family === addresses[0]?.family);
  const other = addresses.filter((a) => a.family !== addresses[0]?.family);
  const order: HostAddress[] = [];
  for (let i = 0; i < Math.max(lead.length, other.length); i += 1) {
    for (const address of [lead[i], other[i]]) if (address) order.push(address);
  }
  return order;
}

/** As net.connect wants it: `fe80::1%eth0`. */
export function textOf(address: HostAddress): string {
  return address.scope && address.family === 6 ? `${address.address}%${address.scope}` : address.address;
}

/**
 * Addresses of a name by the system's resolver; an address stands for itself.
 * @throws HotdeskError `host-unreachable` when there are none
 */
export async function resolveName(
  hostName: string,
  family: 'any' | 4 | 6,
  signal?: AbortSignal,
): Promise<HostAddress[]> {
  const [bare = hostName, scope] = hostName.split('%', 2);
  const ip = isIP(bare);
  if (ip === 4 || ip === 6) return [{ address: bare, family: ip, ...(scope ? { scope } : {}) }];
  try {
    const found = await orAbort(
      lookup(hostName, { all: true, family: family === 'any' ? 0 : family }),
      signal,
    );
    return found.map((a) => ({ address: a.address, family: a.family === 6 ? 6 : 4 }));
  } catch (cause) {
    if (cause instanceof HotdeskError) throw cause;
    throw new HotdeskError('host-unreachable', `There is no address for ${hostName}.`, {
      cause,
      hint: 'Is the name right, and the machine on? `hotdesk hosts` lists what was found.',
    });
  }
}

/**
 * Races the addresses, the next one started 250 ms after the last or as soon as that one failed.
 * The losers are closed.
 * @param name for messages
 * @throws HotdeskError `connection-refused` when all that answered refused, `timeout`, `host-unreachable`, `cancelled`
 */
export function dial(
  name: string,
  addresses: readonly HostAddress[],
  port: number,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Dialled> {
  const order = interleave(addresses);
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    const failures: Error[] = [];
    let next = 0;
    let stagger: NodeJS.Timeout | undefined;
    const settle = (end: () => void, winner?: Socket) => {
      clearTimeout(stagger);
      clearTimeout(limit);
      signal?.removeEventListener('abort', onAbort);
      for (const socket of open) if (socket !== winner) socket.destroy();
      open.clear();
      end();
    };
    const fail = (error: HotdeskError) => settle(() => reject(error));
    const onAbort = () => fail(cancelled(signal));
    const limit = setTimeout(() => {
      fail(
        new HotdeskError('timeout', `${name} did not answer within ${Math.round(timeoutMs / 1000)} s.`, {
          hint: 'Is it on, awake, and on this network? A firewall may drop the packets.',
        }),
      );
    }, timeoutMs);
    const attempt = () => {
      clearTimeout(stagger);
      const address = order[next];
      next += 1;
      if (!address) {
        if (open.size === 0) fail(unreachable(name, port, failures));
        return;
      }
      const socket = connect({ host: textOf(address), port, family: address.family, noDelay: true });
      open.add(socket);
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        // It may break before anybody else listens.
        socket.on('error', () => {});
        settle(() => resolve({ socket, address }), socket);
      });
      socket.once('error', (error) => {
        failures.push(error);
        if (!open.delete(socket)) return;
        socket.destroy();
        attempt();
      });
      stagger = setTimeout(attempt, STAGGER_MS);
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    attempt();
  });
}

function unreachable(name: string, port: number, failures: readonly Error[]): HotdeskError {
  const refused = failures.find((error) => 'code' in error && error.code === 'ECONNREFUSED');
  if (refused) {
    return new HotdeskError('connection-refused', `${name} refuses connections on port ${port}.`, {
      cause: refused,
      hint: 'Is an SSH server installed and running there? On Debian, as root: `apt install openssh-server`, `systemctl start ssh`.',
    });
  }
  const reason = failures[0]?.message;
  return new HotdeskError('host-unreachable', `${name} cannot be reached${reason ? ` (${reason})` : ''}.`, {
    cause: failures[0],
    hint: 'Is it on, awake, and on this network?',
  });
}
