/** Starts the agent as tmux starts its server: by the first command that needs one. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import { sleep } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import type { Paths } from '../protocol/paths.ts';
import { agentEnvironment } from './agent-environment.ts';
import { lastLines } from './log-tail.ts';
import { openSocket } from './socket.ts';

export interface StartAgent {
  readonly paths: Paths;
  readonly uid: number;
  /** argv that runs an agent in the foreground. */
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onStart?: ((pid: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default 5,000. */
  readonly timeoutMs?: number;
}

/** How long another agent, started at the same moment, may take after ours gave way to it, in ms. */
const RIVAL_MS = 2000;

/**
 * Starts an agent in a session of its own and connects to it. Two callers at once start two, of
 * which the agents themselves let one live; both callers reach that one.
 * @throws HotdeskError `agent-unavailable` with the last lines of its log, `cancelled`
 */
export async function startAgent(start: StartAgent): Promise<Socket> {
  const { paths, signal } = start;
  const agent = launch(start);
  if (agent.pid !== undefined) start.onStart?.(agent.pid);
  let deadline = Date.now() + (start.timeoutMs ?? 5000);
  for (let pause = 5; ; pause = Math.min(pause * 1.5, 100)) {
    const socket = await openSocket(paths, start.uid);
    if (socket) return socket;
    const ended = agent.ended();
    if (ended) deadline = Math.min(deadline, ended.at + RIVAL_MS);
    if (Date.now() > deadline || ended?.failed) throw failure(paths, ended?.reason ?? 'It does not answer.');
    await sleep(pause, signal);
  }
}

interface Ended {
  readonly at: number;
  readonly reason: string;
  /** It never ran: there is nothing to wait for. */
  readonly failed: boolean;
}

function launch({ paths, program, env }: StartAgent): {
  pid: number | undefined;
  ended(): Ended | undefined;
} {
  mkdirSync(dirname(paths.log), { recursive: true, mode: 0o700 });
  const log = openSync(paths.log, 'a', 0o600);
  const [command = process.execPath, ...args] = program;
  let ended: Ended | undefined;
  try {
    const child = spawn(command, args, {
      detached: true,
      cwd: '/',
      env: agentEnvironment(env),
      stdio: ['ignore', log, log],
    });
    child.once('error', (error) => {
      ended = { at: Date.now(), reason: error.message, failed: true };
    });
    child.once('exit', (code, signal) => {
      ended = { at: Date.now(), reason: `It ended at once (${signal ?? `code ${code}`}).`, failed: false };
    });
    child.unref();
    return { pid: child.pid, ended: () => ended };
  } finally {
    closeSync(log);
  }
}

function failure(paths: Paths, reason: string): HotdeskError {
  const lines = lastLines(paths.log, 5);
  const said = lines.length > 0 ? `\n${lines.join('\n')}` : '';
  return new HotdeskError('agent-unavailable', `The agent could not be started. ${reason}${said}`, {
    hint: `See \`hotdesk agent log\` (${paths.log}), or run \`hotdesk doctor\`.`,
  });
}
