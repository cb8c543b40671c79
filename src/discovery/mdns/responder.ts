/**
 * bonjour-service 1.4.4 as hotdesk uses it: one instance for each link, on a socket of ours, with
 * every way closed in which it is known to end the process. What is private in it is named here
 * only, and a test holds it against the version.
 */
import { createSocket, type Socket } from 'node:dgram';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Link } from '../subnet.ts';

export const MDNS_PORT = 5353;
const GROUP = { 4: '224.0.0.251', 6: 'ff02::fb' } as const;
/** Room for the answers of a busy link while the process does something else; the kernel may give less. */
const RECEIVE_BUFFER = 1 << 20;

/** A record as the library has it. */
export interface WireRecord {
  readonly name: string;
  readonly type: 'PTR' | 'SRV' | 'TXT' | 'A' | 'AAAA';
  readonly ttl: number;
  readonly data: unknown;
  readonly flush?: boolean;
}

export interface WirePacket {
  readonly answers: readonly WireRecord[];
  readonly additionals?: readonly WireRecord[];
}

export interface WireQuery {
  readonly questions: readonly { readonly name: string; readonly type: string }[];
  /** In a probe: what the asker wants the name for (RFC 6762 §8.2). */
  readonly authorities?: readonly WireRecord[];
}

export interface Sender {
  readonly address: string;
  readonly port: number;
}

/** What is used of the library's inside. */
export interface BonjourInside {
  readonly server: {
    readonly mdns: {
      on(event: 'error' | 'warning', listener: (error: Error) => void): void;
      on(event: 'ready' | 'networkInterface', listener: () => void): void;
      on(event: 'response' | 'query', listener: (packet: unknown, sender: Sender) => void): void;
      removeAllListeners(event: 'query'): void;
      query(packet: WireQuery, done: (error?: Error | null) => void): void;
      respond(packet: WirePacket, done: (error?: Error | null) => void): void;
    };
  };
  destroy(done?: () => void): void;
}

export interface Responder {
  readonly bonjour: BonjourInside;
  /** Sends to the group. A failure (no route, forbidden) is told to `onTrouble`; nothing is thrown. */
  send(packet: Buffer): void;
  close(): Promise<void>;
}

export interface ResponderEvents {
  response(packet: unknown, sender: Sender): void;
  /** Something did not work now; it may the next time. */
  trouble(error: Error): void;
  /** The socket can be used no longer. */
  failed(error: HotdeskError): void;
}

/**
 * Opens port 5353 on `link`, shared with whoever else shares it (avahi-daemon does).
 * @throws HotdeskError `port-taken` where somebody holds the port for himself, else `mdns-unavailable`
 */
export async function openResponder(link: Link, events: ResponderEvents): Promise<Responder> {
  const { Bonjour } = await import('bonjour-service');
  const family = link.addresses.some((a) => a.family === 4) ? 4 : 6;
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    reuseAddr: true,
    recvBufferSize: RECEIVE_BUFFER,
    ...(family === 6 ? { ipv6Only: true } : {}),
  });
  const v4 = link.addresses.find((a) => a.family === 4)?.address;
  const options = {
    socket,
    type: family === 4 ? 'udp4' : 'udp6',
    ip: GROUP[family],
    // `interface` alone would bind to the address, which hears no multicast on Linux.
    interface: v4 ?? `::%${link.name}`,
    bind: v4 ? '0.0.0.0' : '::',
  };
  const bonjour = new Bonjour(options as object, events.trouble) as unknown as BonjourInside;
  const { mdns } = bonjour.server;
  mdns.on('warning', events.trouble);
  mdns.on('response', events.response);
  let open = false;
  try {
    await new Promise<void>((resolve, reject) => {
      mdns.on('ready', resolve);
      mdns.on('error', (error) => {
        const known = unavailable(error);
        if (open) events.failed(known);
        reject(known);
      });
    });
  } catch (error) {
    await destroyed(bonjour, socket);
    throw error;
  }
  open = true;
  return {
    bonjour,
    send: (packet) => sendTo(socket, packet, GROUP[family], events.trouble),
    close: () => destroyed(bonjour, socket),
  };
}

function sendTo(socket: Socket, packet: Buffer, group: string, trouble: (error: Error) => void): void {
  try {
    socket.send(packet, MDNS_PORT, group, (error) => {
      if (error) trouble(error);
    });
  } catch (error) {
    // Closed in the meantime.
    trouble(error instanceof Error ? error : new Error(String(error)));
  }
}

function destroyed(bonjour: BonjourInside, socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    // A socket that never opened has no 'close' of its own.
    socket.once('close', () => resolve());
    try {
      bonjour.destroy(() => resolve());
    } catch {
      resolve();
    }
  });
}

function unavailable(error: Error): HotdeskError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new HotdeskError('port-taken', 'Another program holds UDP port 5353 for itself.', {
      hint: 'See which one: ss -ulpn "sport = 5353". Without the port hosts are found through Avahi, ssh_config and by hand.',
      cause: error,
    });
  }
  return new HotdeskError('mdns-unavailable', `mDNS cannot be used: ${error.message}`, {
    hint: 'Look at the firewall (UDP port 5353) and the network; hosts of ssh_config and typed-in ones still work.',
    cause: error,
  });
}
