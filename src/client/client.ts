/**
 * The typed client of this user's agent on this machine, for the views (CLI, tray, dashboard).
 *
 * The agent is the same user's, behind a folder that only that user can enter, and has checked
 * whatever came from elsewhere. So a short command may check the envelope of its answers only
 * (`checks: 'envelope'`); everything else holds them against the schemas.
 */
import { sleep } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import type { EventData, EventName, Hello, Method, Params, Result } from '../protocol/api.ts';
import type { Paths } from '../protocol/paths.ts';
import { type CallOptions, Wire } from '../protocol/wire.ts';
import { Checked } from './checked.ts';
import { envelopeChecks } from './envelope.ts';
import { openSocket } from './socket.ts';

export type { CallOptions } from '../protocol/wire.ts';

export interface ConnectOptions {
  readonly paths: Paths;
  /** Whose folder the socket must be in. */
  readonly uid: number;
  /** `on-demand` starts an agent if none answers. */
  readonly start: 'on-demand' | 'never';
  /** argv that runs an agent in the foreground; needed for `on-demand`. */
  readonly program?: readonly string[];
  /** The caller's environment, of which a started agent gets a part. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly checks?: 'schemas' | 'envelope';
  /** Makes the calls that go out together with the handshake; called again where that is tried again. */
  readonly first?: (client: Pick<Client, 'call'>) => void;
  /** An agent is being started (for --verbose). */
  readonly onStart?: (pid: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** An agent that hangs up before it greets is one that starts or ends: it is tried again for so long, in ms. */
const READY_MS = 5000;
const RETRY_MS = 20;

export interface Client {
  /** Who answered. */
  readonly agent: Hello;
  readonly closed: boolean;
  /**
   * Aborting the signal asks the agent to stop and undo; the call settles with the agent's answer.
   * @throws HotdeskError the agent's, or `connection-lost`
   */
  call<M extends Method>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>>;
  /** @returns the way to stop listening */
  on<E extends EventName>(event: E, listener: (data: EventData<E>) => void): () => void;
  onClose(listener: (error: HotdeskError) => void): void;
  close(): void;
}

/**
 * Connects to the agent of this user.
 * @throws HotdeskError `agent-unavailable` (none runs, or it would not start), `agent-version`,
 * `unsafe-file`, `protocol-error`, `timeout`
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const wire = new Wire(await openStream(options), envelopeChecks);
    try {
      const greeted = wire.greet({ role: 'client' });
      options.first?.(wire);
      await greeted;
      return options.checks === 'envelope' ? wire : new Checked(wire, loadChecks);
    } catch (error) {
      const isNotReady = error instanceof HotdeskError && error.code === 'connection-lost';
      if (!isNotReady || options.start === 'never' || Date.now() > deadline) throw explained(error);
      await sleep(RETRY_MS, options.signal);
    }
  }
}

async function openStream(options: ConnectOptions) {
  const { paths, uid } = options;
  const socket = await openSocket(paths, uid);
  if (socket) return socket;
  if (options.start === 'never' || !options.program) {
    throw new HotdeskError('agent-unavailable', 'No hotdesk agent is running.', {
      hint: 'Start it: `hotdesk agent start`.',
    });
  }
  const { startAgent } = await import('./start-agent.ts');
  return startAgent({
    paths,
    uid,
    program: options.program,
    env: options.env ?? {},
    onStart: options.onStart,
    signal: options.signal,
  });
}

async function loadChecks() {
  return (await import('../protocol/checks.ts')).strictChecks;
}

/** The same error with the cure that fits an agent on this machine. */
function explained(error: unknown): unknown {
  if (!(error instanceof HotdeskError) || error.code !== 'agent-version') return error;
  return new HotdeskError('agent-version', error.message, {
    hint: 'End the old agent: `hotdesk agent stop`. The next command starts the new one; sessions go on.',
    cause: error,
  });
}
