import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../kernel/abort.ts';
import { HotdeskError } from '../kernel/errors.ts';
import { isAlive } from '../kernel/is-alive.ts';
import type { Status } from '../protocol/api.ts';
import type { Paths } from '../protocol/paths.ts';
import { age } from './age.ts';
import type { Run } from './shell.ts';

/** How long an agent may take to say goodbye, in ms. */
const GOODBYE_MS = 8000;

export function statusRows(status: Status): [string, string][] {
  return [
    ['agent', `hotdesk ${status.version}, pid ${status.pid}, up ${age(status.uptime)}`],
    ['host', `${status.host} (${status.hostId})`],
    ['sessions', `${status.sessions} here, ${status.viewers} viewer${status.viewers === 1 ? '' : 's'} open`],
    ['seats', status.seats.join(', ') || 'none'],
    ['advertising', status.advertising],
    ['discovery', status.discovery],
    ['memory', `${Math.round(status.rssBytes / 1_048_576)} MB`],
    ['socket', status.socket],
    ['log', status.log],
  ];
}

/**
 * Ends the agent and waits until it is gone; one of another version by a signal, since it would not
 * understand.
 * @param proc proc(5)
 * @returns whether there was one
 * @throws HotdeskError `timeout`
 */
export async function stopAgent(run: Run, proc = '/proc'): Promise<boolean> {
  const { paths } = run.shell;
  try {
    const client = await run.connect({ start: 'never' });
    const { pid } = await client.call('status', {});
    await client.call('agent.stop', {}).catch((error: HotdeskError) => {
      if (error.code !== 'connection-lost') throw error;
    });
    client.close();
    await ended(pid, proc, run);
    return true;
  } catch (error) {
    if (!(error instanceof HotdeskError)) throw error;
    if (error.code === 'agent-unavailable') return false;
    const pid = error.code === 'agent-version' ? pidOf(paths, proc) : undefined;
    if (pid === undefined) throw error;
    process.kill(pid, 'SIGTERM');
    await ended(pid, proc, run);
    return true;
  }
}

async function ended(pid: number, proc: string, run: Run): Promise<void> {
  for (let waited = 0; waited < GOODBYE_MS; waited += 50) {
    if (!isAlive(pid, proc)) return;
    await sleep(50, run.interrupt.signal);
  }
  throw new HotdeskError('timeout', `The agent (pid ${pid}) has not ended after ${GOODBYE_MS / 1000} s.`, {
    hint: `See \`hotdesk agent log\`; as a last resort: kill -9 ${pid}`,
  });
}

/** The agent's process as its descriptor tells it, if that process is a hotdesk agent. */
function pidOf(paths: Paths, proc: string): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(paths.descriptor, 'utf8')) as { pid?: unknown };
    if (typeof pid !== 'number' || pid < 2) return undefined;
    // The number may be another's by now, such as ssh-agent's.
    const words = readFileSync(join(proc, `${pid}/cmdline`), 'utf8').split('\0');
    return words.some((word, i) => word === 'agent' && words[i + 1] === 'run') ? pid : undefined;
  } catch {
    return undefined;
  }
}
