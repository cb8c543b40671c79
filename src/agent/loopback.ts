/**
 * A port of this machine's loopback that stands for a session's endpoint, for viewers that take no
 * socket. Any user could connect to it: who does is looked up, and nobody but this one is let in.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { type Carrier, carrier, type ForwardOptions } from './forward.ts';

export interface PortForward {
  readonly port: number;
  /** Where what connects from now on leads; undefined: where it led at first. */
  lead(open: ForwardOptions['open'] | undefined): void;
  /** As `Forward.settled`. */
  settled(): Promise<void>;
  /** Ends the port and all that goes through it. */
  close(): void;
}

export interface PortForwardOptions extends ForwardOptions {
  /** Whether somebody is let in whose user cannot be told (no /proc/net/tcp): only where a secret is asked for behind it. */
  readonly isGuarded: boolean;
}

/** Listens at a free port of 127.0.0.1. */
export async function forwardPort(options: PortForwardOptions): Promise<PortForward> {
  const through: Carrier = carrier(options);
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    // Its peer may go while it is looked up.
    socket.on('error', () => socket.destroy());
    userOf(socket).then(
      (uid) => {
        const isOurs = uid === undefined ? options.isGuarded : uid === process.getuid?.();
        if (isOurs) through.take(socket);
        else socket.destroy();
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    lead: through.lead,
    settled: through.settled,
    close() {
      server.close();
      through.end();
    },
  };
}

/** Who holds the other end of a connection on the loopback; undefined where the system does not tell. */
async function userOf(socket: Socket): Promise<number | undefined> {
  const { remotePort = 0, localPort = 0 } = socket;
  let table: string;
  try {
    table = await readFile('/proc/net/tcp', 'latin1');
  } catch {
    return undefined;
  }
  return ownerIn(table, remotePort, localPort) ?? -1;
}

/**
 * The user of the connection from `from` to `to`, both ports of 127.0.0.1, in proc_net_tcp(5): the
 * address is in the byte order of the machine, the port in that of the network. A socket that its process has
 * left (inode 0) is told as root's.
 */
export function ownerIn(table: string, from: number, to: number): number | undefined {
  const port = (number: number) => number.toString(16).toUpperCase().padStart(4, '0');
  const row = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/u))
    .find(([, local = '', remote = '']) => isAt(local, port(from)) && isAt(remote, port(to)));
  const uid = row?.[7];
  if (row?.[9] === '0') return undefined;
  return uid !== undefined && /^\d+$/u.test(uid) ? Number(uid) : undefined;
}

function isAt(address: string, port: string): boolean {
  return address === `0100007F:${port}` || address === `7F000001:${port}`;
}
