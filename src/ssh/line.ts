/** One authenticated SSH connection over one byte stream: key exchange, host key, login, liveness. */
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { cancelled } from '../kernel/abort.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { AuthChain } from './auth/chain.ts';
import { changePassword } from './auth/expired.ts';
import { onRefusal } from './auth/internals.ts';
import { methodOf } from './auth/method.ts';
import type { Attempt } from './auth/provider.ts';
import { Greeting } from './greeting.ts';
import { askForCertificates, CERTIFICATE_ALGORITHMS } from './host-certificate-kex.ts';
import type { ResolvedTarget } from './target.ts';

/** Until the host key is seen, ms. */
const KEY_MS = 10_000;
/** Login, ms, without the time that a person takes to answer. sshd may ask a slow DNS or PAM meanwhile. */
const LOGIN_MS = 20_000;
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
  /** What the server calls itself (RFC 4253 §4.2): `OpenSSH_9.2p1`, `dropbear_2022.83`. Untrusted. */
  readonly software: string;
  /** Settles once, when the connection is gone: why, or undefined when we closed it. */
  readonly closed: Promise<HotdeskError | undefined>;
  readonly isOpen: () => boolean;
  close(): void;
}

export interface HostKeyCheck {
  /** In order of preference, those of certificates too. */
  readonly algorithms: readonly string[];
  /** The error that the key or certificate means, or undefined when it may be trusted. Throws nothing. */
  judge(key: Buffer): HotdeskError | undefined;
}

/** The server ended the login after some tries; what is left may go on another connection. */
export class TooManyTries extends Error {
  /** Whether the server said that it was for too many tries. */
  readonly said: boolean;

  constructor(said: boolean) {
    super('too many tries');
    this.said = said;
  }
}

/**
 * Speaks SSH over `socket`, which is closed on failure.
 * @throws HotdeskError of the host-key check, `auth-failed`, `connection-lost`, `protocol-error`, `timeout`, `cancelled`
 * @throws ServerBusy when it may be tried again in a moment
 * @throws TooManyTries
 */
export async function openLine(
  socket: Duplex,
  { name, user }: Pick<ResolvedTarget, 'name' | 'user'>,
  check: HostKeyCheck,
  auth: AuthChain,
  signal?: AbortSignal,
): Promise<Line> {
  // Reset while ssh2 is loaded, which listens from then on: else that would end the agent.
  socket.on('error', () => {});
  const { ssh2 } = await import('./wire/ssh2.ts');
  if (socket.destroyed) throw new Greeting().failure(name);
  const client = new ssh2.Client();
  const plain = check.algorithms.filter((name) => !CERTIFICATE_ALGORITHMS.includes(name));
  const { asker } = auth;
  const login = new AbortController();
  asker.signal = login.signal;
  return new Promise((resolve, reject) => {
    let settled = false;
    let reason: HotdeskError | undefined;
    let current: Attempt | undefined;
    let refusal: { methods: readonly string[] | null; partial: boolean } = { methods: null, partial: false };
    const greeting = new Greeting();
    const onGreeting = (chunk: Buffer) => greeting.push(chunk);
    socket.on('data', onGreeting);
    let keySeen = false;
    let trusted: Buffer | undefined;
    const limited = () => {
      const ms = keySeen ? LOGIN_MS : KEY_MS;
      return setTimeout(() => fail(stalled(name, greeting, keySeen, ms)), ms);
    };
    let timer = limited();
    asker.onWaiting = (waiting) => {
      clearTimeout(timer);
      if (!waiting && !settled) timer = limited();
    };
    const onAbort = () => fail(cancelled(signal));
    const done = () => {
      settled = true;
      clearTimeout(timer);
      socket.off('data', onGreeting);
      asker.onWaiting = () => {};
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error) => {
      if (settled) return;
      done();
      reject(error);
      socket.destroy();
      // A question that is still out has nowhere to go with its answer.
      login.abort(cancelled(signal));
    };
    let ended = false;
    const closed = new Promise<HotdeskError | undefined>((close) => {
      client.once('close', () => {
        ended = true;
        close(reason);
        fail(greeting.failure(name) ?? reason ?? closedEarly());
      });
    });
    const closedEarly = () => {
      if (asker.isWaiting) {
        return new HotdeskError('timeout', `${name} did not wait for the answer and closed the connection.`, {
          hint: 'Try again; LoginGraceTime in its sshd_config is how long it waits.',
        });
      }
      if (auth.refusals > 0) return new TooManyTries(false);
      return new HotdeskError('connection-lost', `${name} closed the connection.`);
    };
    client.on('error', (error) => {
      // A key that did not sign: ssh2 goes on with the next way by itself.
      if (!settled && levelOf(error) === 'agent') return;
      if (!settled && /too many authentication failures/iu.test(error.message)) {
        return fail(new TooManyTries(true));
      }
      const broke = !settled && levelOf(error) === 'client-socket';
      reason ??= broke && auth.refusals > 0 ? undefined : describe(error, name, settled);
      fail(greeting.failure(name) ?? reason ?? closedEarly());
    });
    client.on('banner', (text) => asker.hear(text));
    client.on('change password', (prompt, send) => {
      if (current?.method !== 'password') return;
      changePassword(client, current.password, prompt, asker).then(
        (password) => (password === undefined ? fail(auth.failure()) : send(password)),
        (error: unknown) => fail(toHotdeskError(error)),
      );
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
        software: greeting.software,
        closed: closed.then((why) => {
          stopWatching();
          if (byUs) return undefined;
          return why ?? new HotdeskError('connection-lost', `${name} closed the connection.`);
        }),
        // Nothing can be begun on one that is only waiting for the other side to close it too.
        isOpen: () => !ended && !byUs && socket.writable,
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
      // Of a changed password alone: every method names its own.
      username: user,
      readyTimeout: 0,
      // The pings. Whether the peer is dead is decided by watch(), which also sees other traffic.
      keepaliveInterval: PING_MS,
      keepaliveCountMax: 1_000_000,
      algorithms: {
        serverHostKey: plain as never,
        cipher: [...CIPHERS],
      },
      hostVerifier: (key: Buffer) => {
        // Asked again at each exchange of session keys, long after the login.
        if (!settled) {
          keySeen = true;
          clearTimeout(timer);
          timer = limited();
        }
        // As ssh does: a certificate that runs out meanwhile ends no connection.
        if (trusted?.equals(key)) return true;
        const error = check.judge(key);
        if (!error) {
          trusted = Buffer.from(key);
          return true;
        }
        reason = error;
        fail(error);
        return false;
      },
      authHandler: (_methods, _partial, next) => {
        const { methods, partial } = refusal;
        // Said of one attempt: the next one may not come to be answered.
        refusal = { methods, partial: false };
        const offer = async (taken: boolean): Promise<void> => {
          const attempt = await auth.next(methods, taken);
          if (settled) return;
          if (attempt === 'again') return fail(new TooManyTries(true));
          if (attempt === 'exhausted') return fail(auth.failure());
          const method = await methodOf(attempt, user, client, (error) => fail(toHotdeskError(error)));
          if (settled) return;
          if (!method) {
            // The next way may do.
            auth.notes.push(`The key of ${auth.last?.label} is damaged.`);
            return offer(false);
          }
          current = attempt;
          next(method);
        };
        offer(partial).catch((error: unknown) => fail(toHotdeskError(error)));
      },
    });
    if (plain.length < check.algorithms.length) askForCertificates(client, check.algorithms);
    onRefusal(client, (methods, partial) => {
      refusal = { methods, partial };
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

/** Which part of ssh2 an error comes from. */
function levelOf(error: Error & { level?: string }): string | undefined {
  return error.level;
}

/** Nothing came of it in time: how far it got. */
function stalled(name: string, greeting: Greeting, keySeen: boolean, ms: number): HotdeskError {
  const how = !greeting.isSomething
    ? `${name} takes the connection, and then says nothing`
    : keySeen
      ? `${name} stopped answering in the middle of the login`
      : `${name} stopped answering before it showed its host key`;
  return new HotdeskError('timeout', `${how}, for ${ms / 1000} s.`, {
    hint: 'It may be overloaded, or its SSH server may hang: look at it there, or try again.',
  });
}

function describe(error: Error & { level?: string }, name: string, loggedIn: boolean): HotdeskError {
  const said = sanitise(error.message, 200);
  if (!loggedIn && /bad packet length/iu.test(said)) {
    // sshd sends a banner as one packet, and ssh2 takes 35,000 bytes where the cipher is not one of ours.
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
