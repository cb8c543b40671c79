/** Servers as a client reaches them: the addresses, the keys, and what stops them. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../until.ts';
import type { Fake } from './fakes.ts';
import { type Server, type ServerOptions, startServer } from './server.ts';

/** A server and the way to it. */
export interface Reach {
  readonly host: string;
  readonly port: number;
  /** `type base64`; undefined for a server that comes to show none. */
  readonly hostKey: string | undefined;
  readonly keyFile: string;
  /** The servers on the way, the first one first. */
  readonly jumps: readonly Server[];
  /** The server itself, where it is a real one. */
  readonly server: Server | undefined;
  stop(): Promise<void>;
}

/** A server of its own. */
export async function reachServer(options: ServerOptions = {}): Promise<Reach> {
  const server = await startServer(options);
  return { ...server, jumps: [], server, stop: server.stop };
}

/** A server behind as many others like it. */
export async function reachThrough(jumps: number, options: ServerOptions = {}): Promise<Reach> {
  const servers = await Promise.all(Array.from({ length: jumps + 1 }, () => startServer(options)));
  const last = servers.pop();
  if (!last) throw new Error('no server');
  return {
    ...last,
    jumps: servers,
    server: last,
    stop: async () => {
      await Promise.all([last, ...servers].map((server) => server.stop()));
    },
  };
}

/** A server that has room for one login at a time, which somebody takes: until another one was refused, or for ever. */
export async function reachBusy(until: 'refused' | 'never'): Promise<Reach> {
  const reach = await reachServer({ config: ['MaxStartups 1', 'LoginGraceTime 0'] });
  const taken = connect({ host: reach.host, port: reach.port });
  taken.on('error', () => {});
  await new Promise((resolve) => taken.once('data', resolve));
  const look = () => {
    if (reach.server?.log().includes('past MaxStartups')) taken.destroy();
  };
  const timer = until === 'refused' ? setInterval(look, 20) : undefined;
  return {
    ...reach,
    stop: async () => {
      clearInterval(timer);
      taken.destroy();
      await reach.stop();
    },
  };
}

/** A server on an IPv6 address that means something with its interface alone (RFC 4007). */
export async function reachLinkLocal(): Promise<Reach> {
  const id = randomBytes(3).toString('hex');
  const [device, peer] = [`hd${id}a`, `hd${id}b`];
  const ip = (...args: string[]) =>
    execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  // On a link of its own, so that others may have the same.
  const address = 'fe80::d5:1';
  ip('link', 'add', device, 'type', 'veth', 'peer', 'name', peer);
  try {
    for (const each of [device, peer]) ip('link', 'set', each, 'up');
    ip('-6', 'addr', 'add', `${address}/64`, 'dev', device, 'nodad');
    await until(
      'the address is usable',
      () => !ip('-6', 'addr', 'show', 'dev', device).includes('tentative'),
    );
    const reach = await reachServer({ listen: `${address}%${device}` });
    return {
      ...reach,
      stop: async () => {
        await reach.stop();
        ip('link', 'del', device);
      },
    };
  } catch (error) {
    ip('link', 'del', device);
    throw error;
  }
}

/** What is no real server. */
export async function reachFake(start: () => Promise<Fake>): Promise<Reach> {
  const fake = await start();
  const dir = mkdtempSync(join(tmpdir(), 'hd-fake-'));
  const keyFile = join(dir, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'rig', '-f', keyFile]);
  return {
    host: '127.0.0.1',
    port: fake.port,
    hostKey: fake.hostKey,
    keyFile,
    jumps: [],
    server: undefined,
    stop: async () => {
      fake.stop();
      rmSync(dir, { recursive: true });
    },
  };
}
