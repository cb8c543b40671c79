/** hotdesk as a user of a lab host runs it. */
import type { LabHost } from './host.ts';
import type { RunOptions, RunResult } from './run.ts';

export interface SessionRow {
  readonly ref: string;
  readonly name: string;
  readonly backend: string;
  readonly id: string;
  readonly host: string;
  /** Hosts at whose seats it is shown. */
  readonly shownAt: readonly string[];
}

export interface HostRow {
  readonly name: string;
  readonly state: string;
  readonly foundBy: readonly string[];
  readonly problem?: { readonly code: string };
}

export class Desk {
  readonly host: LabHost;

  constructor(host: LabHost) {
    this.host = host;
  }

  /** As in a terminal of the host's desktop. */
  run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.host.user(['hotdesk', ...args], {
      timeoutMs: 60_000,
      ...options,
      env: { ...this.host.seatEnv, ...options.env },
    });
  }

  /** @throws Error with what it said, when it did not end with 0 */
  async ok(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const ran = await this.run(args, options);
    if (ran.code !== 0) {
      throw new Error(
        `${this.host.name}: hotdesk ${args.join(' ')} → ${ran.code}\n${ran.stdout}${ran.stderr}\n${await this.log()}`,
      );
    }
    return ran;
  }

  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse((await this.ok([...args, '--json'])).stdout) as T;
  }

  async sessions(): Promise<readonly SessionRow[]> {
    return (await this.json<{ sessions: SessionRow[] }>(['list'])).sessions;
  }

  async hosts(): Promise<readonly HostRow[]> {
    return (await this.json<{ hosts: HostRow[] }>(['hosts'])).hosts;
  }

  /** The agent's log, for a failing test. */
  async log(): Promise<string> {
    return (await this.host.user(['sh', '-c', 'tail -n 40 .local/state/hotdesk/agent.log 2>/dev/null']))
      .stdout;
  }
}
