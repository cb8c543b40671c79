/**
 * An SSH server in this process (ssh2's): for orders of events that no sshd can be brought to. It lets
 * everybody in unless told otherwise, and its host key is known.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthContext, Connection } from 'ssh2';
import { makeKey } from '../../src/ssh/new-key.ts';
import type { SshEnvironment } from '../../src/ssh/ssh-config.ts';
import type { SshTarget } from '../../src/ssh/target.ts';
import { ssh2 } from '../../src/ssh/wire/ssh2.ts';

export interface SshServer {
  readonly target: SshTarget;
  /** Asks no ssh program, and reads nothing of the developer's. */
  readonly environment: SshEnvironment;
  /** Home folder of the client. */
  readonly home: string;
  /** Connections that came, in order. */
  readonly sockets: readonly Socket[];
  /** Those that are open still. */
  open(): number;
  stop(): void;
}

export interface SshServing {
  /** Default: accepts. */
  readonly login?: (attempt: AuthContext, client: Connection, socket: Socket) => void;
  /** Told when somebody is in. */
  readonly ready?: (client: Connection, socket: Socket) => void;
}

export async function startSshServer({ login, ready }: SshServing = {}): Promise<SshServer> {
  const home = mkdtempSync(join(tmpdir(), 'hd-ssh2-'));
  const { privateText, publicLine } = await makeKey('host', '');
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    new ssh2.Server({ hostKeys: [privateText] }, (client) => {
      client.on('error', () => {});
      client.on('authentication', (attempt) => {
        if (login) login(attempt, client, socket);
        else attempt.accept();
      });
      client.on('ready', () => ready?.(client, socket));
    }).injectSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  mkdirSync(join(home, '.ssh'), { mode: 0o700 });
  const known = `[127.0.0.1]:${address.port} ${publicLine.split(' ').slice(0, 2).join(' ')}\n`;
  writeFileSync(join(home, '.ssh', 'known_hosts'), known);
  return {
    target: { name: '127.0.0.1', port: address.port },
    environment: { ssh: join(home, 'none'), home, env: {} },
    home,
    sockets,
    open: () => sockets.filter((socket) => !socket.destroyed).length,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
