/** What the fault tests share: hosts that know each other, coded failures, and what must not change. */
import { existsSync } from 'node:fs';
import { HotdeskError, isErrorCode } from '../../../src/kernel/errors.ts';
import { until } from '../until.ts';
import { Desk } from './hotdesk.ts';
import type { LabProcess, Leftovers } from './inventory.ts';
import { Lab, type LabOptions } from './lab.ts';
import type { RunOptions } from './run.ts';

/** A row of `hotdesk list --json`. */
export interface Listed {
  readonly ref: string;
  readonly name: string;
  readonly host: string;
  readonly backend: string;
  readonly id: string;
  readonly title?: string;
  readonly state: string;
  readonly shownAt: readonly string[];
}

export interface Failure {
  readonly exit: number | undefined;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

export class FaultDesk extends Desk {
  /** Runs a command that must fail, and returns its error as --json gives it. @throws Error if it does not */
  async fails(args: readonly string[], options: RunOptions = {}): Promise<Failure> {
    const [command = '', ...rest] = args;
    const ran = await this.run([command, '--json', ...rest], options);
    if (ran.code === 0 || ran.code === undefined) {
      throw new Error(`hotdesk ${args.join(' ')} did not fail: ${ran.code}\n${ran.stdout}${ran.stderr}`);
    }
    return failureOf(ran.code, ran.stdout);
  }

  async listed(): Promise<readonly Listed[]> {
    return (await this.json<{ sessions: Listed[] }>(['list'])).sessions;
  }

  async session(name: string): Promise<Listed | undefined> {
    return (await this.listed()).find((row) => row.name === name);
  }

  /** Pid of the agent, which must run. */
  async agent(): Promise<number> {
    return (await this.json<{ status: { pid: number } }>(['agent', 'status'])).status.pid;
  }

  async restart(): Promise<void> {
    await this.ok(['agent', 'stop']);
    await this.ok(['agent', 'start']);
  }

  /** kill -9. */
  async killAgent(): Promise<void> {
    const { pid, outerPid } = await this.#agentProcess();
    process.kill(outerPid, 'SIGKILL');
    await until('the agent is gone', () => !this.host.processes().some((each) => each.pid === pid));
  }

  /** kill -STOP. @returns lets it go on */
  async stopAgent(): Promise<() => void> {
    const { outerPid } = await this.#agentProcess();
    process.kill(outerPid, 'SIGSTOP');
    return () => process.kill(outerPid, 'SIGCONT');
  }

  async #agentProcess(): Promise<LabProcess> {
    const pid = await this.agent();
    const agent = this.host.processes().find((each) => each.pid === pid);
    if (!agent) throw new Error(`${this.host.name} has no process ${pid}`);
    return agent;
  }

  async shows(title: RegExp): Promise<boolean> {
    return (await this.host.windows()).some(({ name }) => title.test(name));
  }

  /** xpra clients that run here. */
  viewers(): LabProcess[] {
    return this.host.processes().filter(({ argv }) => isXpra(argv, 'attach'));
  }

  /** xterms that run as applications of sessions here. */
  xterms(): number[] {
    return this.host
      .processes()
      .filter(({ argv }) => /(?:^|\/)xterm$/u.test(argv[0] ?? ''))
      .map(({ pid }) => pid);
  }
}

function isXpra(argv: readonly string[], verb: string): boolean {
  const [python = '', script = ''] = argv;
  return /python3?$/u.test(python) && /(?:^|\/)xpra$/u.test(script) && argv.includes(verb);
}

export function failureOf(exit: number | undefined, stdout: string): Failure {
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint?: string } };
  if (!isErrorCode(error.code)) throw new Error(`unknown code ${error.code}`);
  const expected = new HotdeskError(error.code, '').exitCode;
  if (exit !== expected) throw new Error(`${error.code} ended with ${exit}, not ${expected}`);
  return { exit, code: error.code, message: error.message, hint: error.hint };
}

/** Hosts h1, h2 … with seats, that know each other and whose agents run and are connected. */
export class Faults {
  readonly lab: Lab;
  readonly desks: readonly FaultDesk[];
  /** What each host has when nothing goes on but its agent. */
  #quiet: readonly Leftovers[] = [];

  private constructor(lab: Lab) {
    this.lab = lab;
    this.desks = lab.hosts.map((host) => new FaultDesk(host));
  }

  static async up(options: LabOptions): Promise<Faults> {
    const lab = await Lab.up({ seats: true, ...options });
    const faults = new Faults(lab);
    try {
      for (const desk of faults.desks) {
        for (const { name, ip } of lab.hosts) {
          if (name !== desk.host.name) await desk.ok(['hosts', 'add', name, '--ssh', ip]);
        }
      }
      await faults.connected();
      await faults.quiet();
    } catch (error) {
      await lab.down();
      throw error;
    }
    return faults;
  }

  desk(number: number): FaultDesk {
    const desk = this.desks[number - 1];
    if (!desk) throw new Error(`the lab has no host ${number}`);
    return desk;
  }

  /** Resolves when every agent is connected to every other. */
  async connected(ms = 30_000): Promise<void> {
    const { length } = this.desks;
    for (const desk of this.desks) {
      let seen: readonly string[] = [];
      const hasAll = async () => {
        const hosts = await desk.hosts();
        seen = hosts.map(({ name, state, problem }) => `${name}: ${problem?.code ?? state}`);
        return hosts.filter((h) => ['local', 'agent'].includes(h.state)).length === length;
      };
      await until(`${desk.host.name} has all`, hasAll, ms).catch((error: Error) => {
        throw new Error(`${error.message}; it has ${seen.join(', ')}`);
      });
    }
  }

  /** Takes what is there now as what clean() allows. */
  async quiet(): Promise<void> {
    await Promise.all(this.desks.map((desk) => desk.host.mark()));
    this.#quiet = await Promise.all(this.desks.map((desk) => desk.host.leftovers()));
  }

  /** Resolves when no host has more processes, sockets, X servers and files than at quiet(). */
  async clean(ms = 15_000): Promise<void> {
    let left: readonly string[] = [];
    const look = async () => {
      left = (await Promise.all(this.desks.map((desk) => this.#leftAt(desk)))).flat();
      return left.length === 0;
    };
    await until('nothing is left behind', look, ms).catch(() => {
      throw new Error(`left behind:\n${left.join('\n')}`);
    });
  }

  async #leftAt({ host }: FaultDesk): Promise<string[]> {
    const { processes, sockets, listening, files } = await host.leftovers();
    const own = processes.filter((line) => !isOfAgent(line) && !isAgentRelay(line));
    // Where sshd forwards no sockets each other agent has one such program, and a new one when it is new.
    const relays = host.processes().filter(({ argv }) => isAgentRelay(argv.join(' ')));
    return [
      ...relays.slice(this.desks.length - 1).map(({ argv }) => `relay ${argv.join(' ')}`),
      ...own.map((line) => `process ${line}`),
      ...sockets.filter((path) => !isAgentSocket(path)).map((path) => `socket ${path}`),
      ...listening.map((at) => `listens ${at}`),
      ...files.filter((file) => !isAgentSocket(file) && !isShared(file)).map((file) => `file ${file}`),
    ].map((what) => `${host.name}: ${what}`);
  }

  /** Ends every session that any host lists. */
  async stopAll(): Promise<void> {
    const listed = async () => (await Promise.all(this.desks.map((desk) => desk.listed()))).flat();
    await until('no session is listed', async () => {
      const refs = [...new Set((await listed()).map(({ ref }) => ref))];
      for (const ref of refs) await this.desk(1).run(['stop', ref, '--yes']);
      return refs.length === 0;
    });
  }

  async down(): Promise<void> {
    await this.lab.down();
  }
}

/** Agents come and go in these tests; so does what sshd runs for each connection. */
function isOfAgent(line: string): boolean {
  return /agent run$/u.test(line) || /^sshd(?:-session)?: user/u.test(line);
}

function isAgentRelay(line: string): boolean {
  return /\/hotdesk\/agent\.sock$/u.test(line.trimEnd());
}

function isAgentSocket(path: string): boolean {
  return /\/hotdesk(?:-\d+)?\/agent\.(?:sock|json)$/u.test(path);
}

/** What programs make once for all sessions; tmux leaves the file of its socket. */
function isShared(file: string): boolean {
  return /^\/run\/user\/\d+\/(?:xpra|hotdesk(?:-[a-z\d]+)?|hotdesk\/v|dconf(?:\/.*)?|xpra\/(?:run-xpra|\.hotdesk-claims))$|^\/tmp\/tmux-\d+(?:\/default)?$/u.test(
    file,
  );
}

/**
 * An xpra client in front of the real one that stops where a test wants it to. While ~/gate is there, a
 * client connects (the session shows, and has left where it was) without saying so; ~/gate holds what
 * happens then: `hold` (nothing until ~/gate is gone: then it says so) or `crash`.
 */
const GATE = `#!/bin/sh
{ [ "$1" = attach ] && read -r mode <~/gate; } 2>/dev/null || exec /usr/bin/xpra "$@"
/usr/bin/xpra "$@" >~/gate.out 2>&1 &
client=$!
until grep -q Attached ~/gate.out; do kill -0 $client 2>/dev/null || exit 1; sleep 0.05; done
: >~/gate.connected
[ "$mode" = crash ] && { kill -9 $client; exit 1; }
while [ -e ~/gate ]; do kill -0 $client 2>/dev/null || exit 1; sleep 0.05; done
cat ~/gate.out
wait $client
`;

export class Gate {
  readonly #desk: FaultDesk;

  private constructor(desk: FaultDesk) {
    this.#desk = desk;
  }

  /** Puts it in front of the viewers that the agent of `desk` starts; the agent is started anew. */
  static async at(desk: FaultDesk): Promise<Gate> {
    await desk.host.user(['sh', '-c', 'mkdir -p gated && cat >gated/xpra && chmod 755 gated/xpra'], {
      stdin: GATE,
    });
    await desk.ok(['agent', 'stop']);
    const gate = new Gate(desk);
    await gate.startAgent();
    return gate;
  }

  async startAgent(): Promise<void> {
    await this.#desk.ok(['agent', 'start'], {
      env: { PATH: '/home/user/gated:/usr/local/bin:/usr/bin:/bin' },
    });
  }

  async shut(mode: 'hold' | 'crash'): Promise<void> {
    await this.#desk.host.user(['sh', '-c', 'rm -f gate.*; echo "$0" >gate', mode]);
  }

  async open(): Promise<void> {
    await this.#desk.host.user(['rm', '-f', 'gate']);
  }

  /** Resolves when a client stands at the gate: connected, and the agent does not know. */
  async reached(): Promise<void> {
    const { home } = this.#desk.host;
    await until('a client is at the gate', () => existsSync(`${home}/gate.connected`), 20_000);
  }
}
