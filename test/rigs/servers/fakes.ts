/** Servers that speak SSH badly, or not at all. */
import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { makeKey } from '../../../src/ssh/new-key.ts';
import { ssh2 } from '../../../src/ssh/wire/ssh2.ts';

export interface Fake {
  readonly port: number;
  /** `type base64` of the host key, where it has one. */
  readonly hostKey: string | undefined;
  stop(): void;
}

/** Listens on a free loopback port and does this with each connection. */
async function listen(serve: (socket: Socket) => void, hostKey?: string): Promise<Fake> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return {
    port: address.port,
    hostKey,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Says that it is an SSH server, and nothing more. */
export function stallsAfterBanner(): Promise<Fake> {
  return listen((socket) => {
    socket.write('SSH-2.0-OpenSSH_9.2p1\r\n');
    socket.resume();
  });
}

/** Bytes without a meaning, and no end. */
export function sendsGarbage(): Promise<Fake> {
  return listen((socket) => {
    socket.resume();
    socket.write(randomBytes(100_000));
  });
}

/** Another protocol on the port that was given. */
export function speaksHttp(): Promise<Fake> {
  return listen((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
  });
}

/** Accepts connections, and says nothing. */
export function saysNothing(): Promise<Fake> {
  return listen((socket) => socket.resume());
}

/** Closes each connection before it has said anything, as sshd did with MaxStartups before 8.5, and fail2ban may do. */
export function hangsUp(): Promise<Fake> {
  return listen((socket) => socket.end());
}

/** A real key exchange and host key, and then the connection ends, or nothing more is said, as soon as somebody logs in. */
export async function inMidAuth(what: 'closes' | 'stalls'): Promise<Fake> {
  const { privateText: privateKey, publicLine: publicKey } = await makeKey('host', '');
  const server = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (attempt) => {
      if (attempt.method === 'none') attempt.reject(['publickey', 'password', 'keyboard-interactive']);
      else if (what === 'closes') client.end();
    });
  });
  return listen((socket) => server.injectSocket(socket), publicKey.split(' ').slice(0, 2).join(' '));
}
