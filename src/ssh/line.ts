/** One authenticated SSH connection over one byte stream: key exchange, host key, login, liveness. */
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { cancelled } from '../kernel/abort.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { AuthChain } from './auth.ts';

/** Key exchange and login together, ms. A login that waits for a person is not among the tries. */
const HANDSHAKE_MS = 20_000;
/** How often a packet that wants an answer goes out. */
const PING_MS = 3000;
/** Seconds without a byte from the peer, pings out, after which it counts as dead. */
const SILENT_TICKS = 8;
const TICK_MS = 1000;

/** AES-GCM first: measured fastest where the CPU has AES, which is what a desk has; see bench/forward.ts. */
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
] as const;

export interface Line {
  readonly client: Client;
  /** Settles once, when the connection is gone: why, or undefined when we closed it. */
  readonly closed: Promise<HotdeskError | undefined>;
  readonly isOpen: () => boolean;
  close(): void;
}

export interface HostKeyCheck {
  /** In order of preference. */
  readonly algorithms: readonly string[];
  /** The error that the key means, or undefined when it may be trusted. */
  judge(key: Buffer): HotdeskError | undefined;
}

/** The server ended the login because of too many tries; what is left may go on another connection. */
export class TooManyTries extends Error {}

/**
 * Speaks SSH over `socket`, which is closed on failure.
 * @param name for messages
 * @throws HotdeskError of the host-key check, `auth-failed`, `connection-lost`, `protocol-error`, `timeout`, `cancelled`
 * @throws TooManyTries
 */
export async function openLine(
  socket: Duplex,
  name: string,
  check: HostKeyCheck,
  auth: AuthChain,
  signal?: AbortSignal,
): Promise<Line> {
  const { default: ssh2 } = await import('ssh2');
  const client = new ssh2.Client();
  auth.restart();
  return new Promise((resolve, reject) => {
    let allowed: readonly string[] | null = null;
    let settled = false;
    let reason: HotdeskError | undefined;
    const timer = setTimeout(() => {
      fail(new HotdeskError('timeout', `${name} did not finish the SSH handshake in time.`));
    }, HANDSHAKE_MS);
    const onAbort = () => fail(cancelled(signal));
    const done = () => {
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error) => {
      if (settled) return;
      done();
      reject(error);
      socket.destroy();
    };
    let ended = false;
    const closed = new Promise<HotdeskError | undefined>((close) => {
      client.once('close', () => {
        ended = true;
        close(reason);
        fail(reason ?? new HotdeskError('connection-lost', `${name} closed the connection.`));
      });
    });
    client.on('error', (error) => {
      if (!settled && /too many authentication failures/iu.test(error.message))
        return fail(new TooManyTries());
      reason ??= describe(error, name, settled);
      fail(reason);
    });
    client.once('ready', () => {
      if (settled) return;
      done();
      let byUs = false;
      const stopWatching = watch(socket, () => {
        reason ??= new HotdeskError('connection-lost', `${name} does not answer any more.`, {
          hint: 'Is it still on, and on this network?',
        });
        socket.destroy();
      });
      const line: Line = {
        client,
        closed: closed.then((why) => {
          stopWatching();
          if (byUs) return undefined;
          return why ?? new HotdeskError('connection-lost', `${name} closed the connection.`);
        }),
        isOpen: () => !ended && !socket.destroyed,
        close: () => {
          byUs = true;
          client.end();
          // A peer that does not answer the disconnect must not keep the socket.
          setTimeout(() => socket.destroy(), 500).unref();
        },
      };
      resolve(line);
    });
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    client.connect({
      sock: socket,
      username: 'unused: every method names its own',
      readyTimeout: 0,
      // The pings. Whether the peer is dead is decided by watch(), which also sees other traffic.
      keepaliveInterval: PING_MS,
      keepaliveCountMax: 1_000_000,
      algorithms: {
        serverHostKey: check.algorithms as never,
        cipher: [...CIPHERS],
      },
      hostVerifier: (key: Buffer) => {
        const error = check.judge(key);
        if (!error) return true;
        fail(error);
        return false;
      },
      authHandler: (methods, _partial, next) => {
        allowed = methods;
        auth.next(methods).then(
          async (method) => {
            if (settled) return;
            if (method === 'again') fail(new TooManyTries());
            else if (method === 'exhausted') fail(auth.failure(allowed));
            else next(method);
          },
          (error: unknown) => fail(toHotdeskError(error)),
        );
      },
    });
  });
}

/**
 * Calls `onDead` when no byte came for 8 s, although each 3 s a ping wants an answer. Ticks are
 * counted rather than the clock read, so a machine that was asleep or busy gets its chance first.
 */
function watch(socket: Duplex, onDead: () => void): () => void {
  let silent = 0;
  const onData = () => {
    silent = 0;
  };
  socket.on('data', onData);
  const timer = setInterval(() => {
    silent += 1;
    if (silent < SILENT_TICKS) return;
    clearInterval(timer);
    onDead();
  }, TICK_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    socket.off('data', onData);
  };
}

function describe(error: Error & { level?: string }, name: string, loggedIn: boolean): HotdeskError {
  const said = sanitise(error.message, 200);
  if (!loggedIn && /bad packet length/iu.test(said)) {
    // ssh2 takes packets of 35,000 bytes, as RFC 4253 §6.1 asks, and sshd sends a banner as one packet.
    return new HotdeskError(
      'protocol-error',
      `${name} sent a packet that is too long, most likely its login banner.`,
      {
        cause: error,
        hint: 'Keep the file that Banner names in its sshd_config under 32 kB.',
      },
    );
  }
  if (error.level === 'handshake') {
    return new HotdeskError(
      'protocol-error',
      `${name} and hotdesk could not agree on how to talk: ${said}.`,
      {
        cause: error,
        hint: 'Its SSH server may be very old. Try `ssh -v` to that host.',
      },
    );
  }
  return new HotdeskError('connection-lost', `The connection to ${name} broke: ${said}.`, { cause: error });
}
