/**
 * A private local socket that stands for a session's endpoint on another machine: what a viewer
 * connects to.
 */

import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { sleep } from '../kernel/abort.ts';
import { toHotdeskError } from '../kernel/errors.ts';
import { splice } from '../kernel/splice.ts';

/** Pause between attempts while the far end does not answer yet, in ms: longer each time, up to the second. */
const RETRY_MS = [5, 20] as const;

/** After a connection to where it was led, the viewer is not to be ended for this long, in ms. */
const SETTLE_MS = 1000;

export interface Forward {
  readonly path: string;
  /** Where what connects from now on leads; undefined: where it led at first. */
  lead(open: ForwardOptions['open'] | undefined): void;
  /**
   * Resolves when no connection to where it was led is so new that its end could harm what it leads to: see
   * viewer/connecting, which does not hear of a viewer's later connections. 3 s at most.
   */
  settled(): Promise<void>;
  /** Ends the socket and all that goes through it. */
  close(): void;
}

export interface ForwardOptions {
  /** Opens one stream to the endpoint. */
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
  /**
   * How long a connection that the far end refuses is held and tried again, in ms. A session that is
   * being started answers a moment later; the viewer, itself slow to start, need not wait for that.
   */
  readonly holdMs: number;
  readonly onError?: (error: unknown) => void;
}

/** Listens at `path`, which must lie in a private folder. */
export async function forward(path: string, options: ForwardOptions): Promise<Forward> {
  const through = carrier(options);
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, through.take);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
  return {
    path,
    lead: through.lead,
    settled: through.settled,
    close() {
      server.close();
      through.end();
      rmSync(path, { force: true });
    },
  };
}

/** Joins what connects here to streams to the endpoint. */
export interface Carrier {
  take(socket: Socket): void;
  lead(open: ForwardOptions['open'] | undefined): void;
  settled(): Promise<void>;
  end(): void;
}

export function carrier(options: ForwardOptions): Carrier {
  const ended = new AbortController();
  const live = new Set<Duplex>();
  let open = options.open;
  let settledAt = 0;
  return {
    lead(elsewhere) {
      open = elsewhere ?? options.open;
    },
    async settled() {
      const latest = performance.now() + 3 * SETTLE_MS;
      for (;;) {
        const ms = Math.min(settledAt, latest) - performance.now();
        if (ms <= 0 || ended.signal.aborted) return;
        await sleep(ms, ended.signal).catch(() => {});
      }
    },
    take(socket) {
      if (open !== options.open) settledAt = performance.now() + SETTLE_MS;
      live.add(socket);
      socket.once('close', () => live.delete(socket));
      socket.on('error', () => socket.destroy());
      openHeld({ ...options, open }, ended.signal, socket).then(
        (far) => {
          live.add(far);
          far.once('close', () => live.delete(far));
          splice(socket, far);
        },
        (error: unknown) => {
          options.onError?.(error);
          socket.destroy();
        },
      );
    },
    end() {
      ended.abort();
      for (const stream of live) stream.destroy();
    },
  };
}

async function openHeld(options: ForwardOptions, signal: AbortSignal, socket: Socket): Promise<Duplex> {
  const deadline = Date.now() + options.holdMs;
  const [first, most] = RETRY_MS;
  for (let pause: number = first; ; pause = Math.min(pause + 1, most)) {
    try {
      const far = await options.open(signal);
      if (socket.destroyed) far.destroy();
      return far;
    } catch (error) {
      if (socket.destroyed || Date.now() >= deadline || toHotdeskError(error).code !== 'connection-refused') {
        throw error;
      }
    }
    await sleep(pause, signal);
  }
}
