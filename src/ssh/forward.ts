/** Streams to endpoints of the host: forwarded by sshd, or relayed by a program there. */
import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { cancelled } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import { tame } from './channel.ts';
import { newFrame } from './frame.ts';
import type { Line } from './line.ts';
import { awaitMark } from './marked.ts';
import type { Running } from './openings.ts';
import { forAnyShell } from './quote.ts';
import { NO_PROGRAM, READY, type RelayRecipe, relayScript, type StreamEndpoint } from './relay.ts';

const RELAY_MS = 15_000;

/** `prohibited` is certain; `failed` may mean a missing endpoint or, for unix sockets in OpenSSH, a forbidden one. */
export class ForwardFailure extends Error {
  readonly kind: 'prohibited' | 'failed';
  constructor(kind: 'prohibited' | 'failed', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED and SSH_OPEN_UNKNOWN_CHANNEL_TYPE, RFC 4254 §5.1. */
const PROHIBITED = [1, 3];

/**
 * direct-streamlocal@openssh.com (OpenSSH PROTOCOL §2.4) or direct-tcpip (RFC 4254 §7.2).
 * @throws ForwardFailure
 * @throws HotdeskError `cancelled`
 */
export function openDirect(line: Line, endpoint: StreamEndpoint, signal?: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(signal));
    const onAbort = () => reject(cancelled(signal));
    signal?.addEventListener('abort', onAbort, { once: true });
    const done = (error: Error | undefined, channel: ClientChannel) => {
      signal?.removeEventListener('abort', onAbort);
      if (error) {
        const prohibited =
          'reason' in error ? PROHIBITED.includes(Number(error.reason)) : /strictVendor/u.test(error.message);
        return reject(new ForwardFailure(prohibited ? 'prohibited' : 'failed', error.message));
      }
      const stream = tame(channel);
      if (signal?.aborted) stream.destroy();
      else resolve(stream);
    };
    if (endpoint.kind === 'unix') line.client.openssh_forwardOutStreamLocal(endpoint.path, done);
    else line.client.forwardOut('127.0.0.1', 0, endpoint.host, endpoint.port, done);
  });
}

/**
 * A relay on a session channel.
 * @param exec opens the channel
 * @throws HotdeskError `forward-refused` when no program can relay, `connection-refused` when nobody
 * answers at the endpoint, `timeout`, `cancelled`, `command-failed`
 */
export async function openRelay(
  exec: (command: string) => Promise<Running>,
  endpoint: StreamEndpoint,
  recipes: readonly RelayRecipe[],
  name: string,
  signal?: AbortSignal,
): Promise<Duplex> {
  const frame = newFrame();
  const running = await exec(forAnyShell(frame.prologue + relayScript(endpoint, recipes)));
  const { channel } = running;
  const connected = awaitConnected(running, endpoint, name, signal);
  try {
    await Promise.all([awaitMark(channel, frame, name, signal), connected]);
  } catch (error) {
    connected.catch(() => {});
    channel.destroy();
    throw error;
  }
  channel.stderr.resume();
  running.lasts();
  return channel;
}

function awaitConnected(
  { channel, ending }: Running,
  endpoint: StreamEndpoint,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const settle = (error?: HotdeskError) => {
      clearTimeout(limit);
      signal?.removeEventListener('abort', onAbort);
      channel.stderr.off('data', onStderr);
      if (error) reject(error);
      else resolve();
    };
    const onAbort = () => settle(cancelled(signal));
    const onStderr = (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-4096);
      if (READY.test(said)) settle();
    };
    // Not at once: what it said may come after its exit status.
    const onExit = () => setTimeout(() => settle(relayError(said, endpoint, name)), 50);
    const limit = setTimeout(
      () => settle(new HotdeskError('timeout', `A relay on ${name} did not connect in time.`)),
      RELAY_MS,
    );
    channel.stderr.on('data', onStderr);
    void ending.then(onExit);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function relayError(said: string, endpoint: StreamEndpoint, name: string): HotdeskError {
  if (said.includes(NO_PROGRAM)) {
    return new HotdeskError(
      'forward-refused',
      `${name} does not allow forwarding, and has no program to relay.`,
      {
        hint: 'Install python3 or socat there, or allow AllowStreamLocalForwarding in its sshd_config.',
      },
    );
  }
  const lines = said.trim().split('\n');
  // socat marks errors with E and says more after them.
  const error = lines.findLast((line) => / E /u.test(line))?.replace(/^.* E /u, '');
  const last = sanitise(error ?? lines.at(-1)?.replace(/^hotdesk-relay: /u, '') ?? '', 200);
  return nobodyAnswers(endpoint, name, last);
}

/** @param detail of the server or relay */
export function nobodyAnswers(endpoint: StreamEndpoint, name: string, detail: string): HotdeskError {
  const where = endpoint.kind === 'unix' ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
  return new HotdeskError(
    'connection-refused',
    `Nothing answers at ${sanitise(where, 200)} on ${name}${detail ? ` (${detail})` : ''}.`,
  );
}
