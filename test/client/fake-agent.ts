/** A small server that speaks the agent's protocol over a real socket, as well or as badly as a test wants. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeLine, LineDecoder } from '../../src/kernel/json-lines.ts';
import type { Snapshot } from '../../src/protocol/api.ts';
import { MESSAGE_LIMIT } from '../../src/protocol/limits.ts';
import { type Paths, pathsOf } from '../../src/protocol/paths.ts';
import { API_VERSION, HOTDESK_VERSION } from '../../src/protocol/version.ts';

export interface FakeRequest {
  readonly id: number;
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly socket: Socket;
}

export interface FakeAgent {
  readonly paths: Paths;
  /** Everything that was received, handshakes and cancels too. */
  readonly received: Record<string, unknown>[];
  /** Sends to every connection. */
  broadcast(value: unknown): void;
  close(): Promise<void>;
}

/** A result, or `{ error }`; undefined: no answer. */
export type Answer = (request: FakeRequest) => unknown;

export interface FakeOptions {
  readonly hello?: unknown;
  /** Written as it is instead of the handshake. */
  readonly raw?: string | Buffer;
  readonly answer?: Answer;
}

/** A runtime folder in a temporary place, private as the real one. */
export function temporaryPaths(): { paths: Paths; folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'hotdesk-cli-'));
  const runtime = join(folder, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const paths = pathsOf({ HOME: folder, HOTDESK_RUNTIME_DIR: runtime }, process.getuid?.() ?? 0);
  return { paths, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export const HELLO = {
  hotdesk: API_VERSION,
  version: HOTDESK_VERSION,
  role: 'agent',
  hostId: 'h',
  host: 'here',
};

export async function fakeAgent(options: FakeOptions = {}): Promise<FakeAgent> {
  const { paths, remove } = temporaryPaths();
  const sockets = new Set<Socket>();
  const received: Record<string, unknown>[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.write(options.raw ?? encodeLine(options.hello ?? HELLO));
    const decoder = new LineDecoder(MESSAGE_LIMIT);
    socket.on('data', (chunk: Buffer) => {
      for (const value of decoder.push(chunk)) {
        const message = value as Record<string, unknown>;
        received.push(message);
        if (typeof message.method === 'string') reply(socket, message, options.answer);
      }
    });
  });
  await listen(server, paths.socket);
  return {
    paths,
    received,
    broadcast: (value) => {
      for (const socket of sockets) socket.write(encodeLine(value));
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      remove();
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

function reply(socket: Socket, message: Record<string, unknown>, answer: Answer | undefined): void {
  const { id, method, params } = message as { id: number; method: string; params: Record<string, unknown> };
  const given = answer?.({ id, method, params, socket });
  if (given === undefined) return;
  const isError = typeof given === 'object' && given !== null && 'error' in given;
  if (socket.writable) socket.write(encodeLine(isError ? { id, error: given.error } : { id, result: given }));
}

export const EMPTY: Snapshot = {
  self: 'h',
  hosts: [
    { key: 'h', name: 'here', hostId: 'h', addresses: [], finders: ['self'], state: 'local', adverts: [] },
  ],
  sessions: [],
  viewers: [],
  seats: [],
};
