/** A viewer on its way: where it will connect, and what it must know for that. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenViewer } from '../actions/context.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Endpoint, Secrets } from '../model/machine.ts';
import type { Seat } from '../model/seat.ts';
import { type Forward, forward } from './forward.ts';
import { forwardPort } from './loopback.ts';

export interface Opening {
  readonly request: OpenViewer;
  readonly viewerId: string;
  readonly seatEnv: Seat;
  /** Rejects where the display of the seat does not. */
  readonly answers: Promise<void>;
  readonly found: Promise<Endpoint>;
  /** Nothing of the viewer reaches the endpoint before. */
  readonly admitted: Promise<unknown>;
  /** Taken for granted before the endpoint is known. */
  readonly secrets?: 'none';
}

type LocalForward = Pick<Forward, 'close' | 'lead' | 'settled'>;

/** How long a viewer's connection waits for a session that is still being started, in ms. */
const HOLD_MS = 20_000;

/**
 * Where the viewer connects: a socket of ours, or on this machine the session's own.
 * @param folder private, for sockets
 */
export async function localEnd(
  opening: Opening,
  folder: string,
  log: Logger,
): Promise<{ at: Endpoint | undefined; forward?: LocalForward }> {
  const { request, viewerId, found, admitted } = opening;
  const { machine, profile } = request.backend;
  if (profile.connect?.endpoint.kind === 'pty') {
    await found;
    return { at: undefined };
  }
  if (profile.connect?.endpoint.kind === 'ssh') return { at: await found };
  const open = async (signal: AbortSignal) => {
    const endpoint = await found;
    if (endpoint.kind === 'pty' || endpoint.kind === 'ssh') {
      throw new HotdeskError('internal', 'A command has no socket.');
    }
    await admitted;
    return machine.open(endpoint, signal);
  };
  const onError = (error: unknown) => {
    const { code, message } = toHotdeskError(error);
    if (code !== 'cancelled') log.warn({ viewer: viewerId, code }, `forward: ${message}`);
  };
  const holdMs = request.endpoint ? HOLD_MS : 0;
  const needsPort = profile.connect?.endpoint.kind === 'unix' && profile.connect.endpoint.secretsNeedPort;
  if (needsPort && opening.secrets !== 'none' && hasSecrets(await found)) {
    const held = await forwardPort({ open, holdMs, onError, isGuarded: true });
    return { at: { kind: 'tcp', host: '127.0.0.1', port: held.port }, forward: held };
  }
  // A session that is being started is held back by the forward, on this machine too.
  if (machine.isLocal && !request.endpoint && !profile.connect?.admit) {
    const at = await found;
    if (at.kind === 'unix') return { at };
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${viewerId}.sock`);
  const held = await forward(path, { open, holdMs, onError });
  return { at: { kind: 'unix', path }, forward: held };
}

/**
 * Is it likely that no secret is needed? A session of hotdesk's own has none; the viewer of any other is
 * started anew where there is one, and nothing of the first has reached the session by then.
 */
export function isProbablyOpen({ backend, endpoint }: OpenViewer): boolean {
  const { connect, asks } = backend.profile;
  return connect?.own !== undefined && endpoint === undefined && !asks && !backend.machine.isLocal;
}

export function hasSecrets(endpoint: Endpoint): boolean {
  if (endpoint.kind === 'pty') return false;
  return Object.values(endpoint.secrets ?? {}).some((secret) => secret !== '');
}

/** A viewer that needs none is started before it is known where it leads. */
export async function secretsOf({ request, found, secrets }: Opening): Promise<Secrets | undefined> {
  const { connect, asks } = request.backend.profile;
  if (!connect?.secrets && !asks) return undefined;
  if (secrets === 'none') return Object.fromEntries((connect?.secrets ?? []).map((name) => [name, '']));
  const endpoint = await found;
  return endpoint.kind === 'pty' ? undefined : endpoint.secrets;
}
