import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  difference,
  type Inventory,
  inventoryOf,
  type LabProcess,
  type Leftovers,
  processesOf,
} from './inventory.ts';
import { type Running, type RunOptions, type RunResult, start } from './run.ts';

/** The user of every host. */
export const LAB_UID = Number(process.env.LAB_UID ?? 4200);

const USER_ENV: Readonly<Record<string, string>> = {
  HOME: '/home/user',
  USER: 'user',
  LOGNAME: 'user',
  SHELL: '/bin/bash',
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'C.UTF-8',
};

export interface LabHostParts {
  readonly number: number;
  /** Pid 1 of the host, as seen from outside. */
  readonly pid: number;
  readonly ip: string;
  /** Its files, as seen from outside. */
  readonly dir: string;
  /** Runs lab.sh for the lab that this host belongs to. */
  readonly script: (...args: string[]) => Promise<string>;
}

export interface LabWindow {
  readonly id: number;
  readonly name: string;
}

export class LabHost {
  readonly number: number;
  readonly name: string;
  readonly pid: number;
  readonly ip: string;
  /** The user's home folder, as seen from outside. */
  readonly home: string;
  readonly #dir: string;
  readonly #script: LabHostParts['script'];
  #display: string | undefined;
  #baseline: Inventory | undefined;

  constructor(parts: LabHostParts) {
    this.number = parts.number;
    this.name = `h${parts.number}`;
    this.pid = parts.pid;
    this.ip = parts.ip;
    this.home = path.join(parts.dir, 'homes', 'user');
    this.#dir = parts.dir;
    this.#script = parts.script;
  }

  /** Runs a program as the host's user; env is a plain login's, with `options.env` over it. */
  user(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.#finished(this.spawn(argv, options), options);
  }

  /** Runs a program as root. */
  root(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const env = {
      ...USER_ENV,
      HOME: '/root',
      USER: 'root',
      LOGNAME: 'root',
      PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    };
    return this.#finished(start(this.#enter([], { ...env, ...options.env }, '/', argv), options), options);
  }

  /** Starts a program as the host's user and leaves it running, its stdin open. */
  spawn(argv: readonly string[], options: RunOptions = {}): Running {
    const as = ['--setuid', String(LAB_UID), '--setgid', String(LAB_UID)];
    const env = { ...USER_ENV, ...options.env };
    return start(this.#enter(as, env, options.cwd ?? '/home/user', argv), options);
  }

  /** The display of its seat. */
  get display(): string {
    if (this.#display === undefined)
      throw new Error(`${this.name} has no seat: up({ seats: true }) or startSeat()`);
    return this.#display;
  }

  /** What a program in its graphical login has in its environment. */
  get seatEnv(): Readonly<Record<string, string>> {
    return { DISPLAY: this.display, XAUTHORITY: '/home/user/.Xauthority' };
  }

  /** Starts an Xvfb (1280x800) as the user's graphical login. */
  async startSeat(): Promise<void> {
    this.#display = (await this.#script('seat', String(this.number))).trim();
  }

  /** Writes a PNG of the seat to `file`, outside the host. */
  async screenshot(file: string): Promise<void> {
    const shot = await this.user(['import', '-window', 'root', 'png:-'], { env: this.seatEnv });
    if (shot.code !== 0) throw new Error(`no screenshot of ${this.name}: ${shot.stderr}`);
    await writeFile(file, shot.stdoutBytes);
  }

  /** The windows that the seat shows and that have a name, deepest ones included. */
  async windows(): Promise<LabWindow[]> {
    const each =
      'for w in $(xdotool search --onlyvisible --name .+ 2>/dev/null); do printf "%s\\t%s\\0" "$w" "$(xdotool getwindowname "$w")"; done';
    const { stdout } = await this.user(['sh', '-c', each], { env: this.seatEnv });
    return stdout
      .split('\0')
      .filter((row) => row.includes('\t'))
      .map((row) => ({
        id: Number(row.slice(0, row.indexOf('\t'))),
        name: row.slice(row.indexOf('\t') + 1),
      }));
  }

  /** Pulls or plugs the network cable, at the switch. */
  async link(state: 'up' | 'down'): Promise<void> {
    await this.#script('link', String(this.number), state);
  }

  /** Replaces the IPv4 address, as DHCP would: `10.77.0.99/24`. */
  async address(address: string): Promise<void> {
    await this.#script('addr', String(this.number), address);
  }

  async service(name: 'avahi' | 'sshd' | 'dbus', action: 'start' | 'stop'): Promise<void> {
    await this.#script('svc', String(this.number), action, name);
  }

  /** Per cent of packets lost both ways; 0 ends it. */
  async loss(percent: number): Promise<void> {
    await this.#script('loss', String(this.number), String(percent));
  }

  /** Any of lab.sh's commands that take a host: `addif`, `delif`, `rate`, `passwd`. */
  async script(command: string, ...args: string[]): Promise<string> {
    return await this.#script(command, String(this.number), ...args);
  }

  /** Every process of the host that its user owns, or all with `all`. */
  processes(all = false): LabProcess[] {
    const every = processesOf(this.pid);
    return all ? every : every.filter((process) => process.uid === LAB_UID);
  }

  /** Takes what is there now as what leftovers() does not report. up() has done so once. */
  async mark(): Promise<void> {
    this.#baseline = await inventoryOf(this.pid, LAB_UID);
  }

  /** Processes, sockets, X locks and temporary files that were not there at mark(). All empty: clean. */
  async leftovers(): Promise<Leftovers> {
    const now = await inventoryOf(this.pid, LAB_UID);
    return difference(this.#baseline ?? { processes: [], sockets: [], listening: [], files: [] }, now);
  }

  /** The folder of the host's own files, outside it. */
  get dir(): string {
    return this.#dir;
  }

  #enter(
    as: readonly string[],
    env: Readonly<Record<string, string>>,
    cwd: string,
    argv: readonly string[],
  ): string[] {
    const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const namespaces = ['nsenter', '-t', String(this.pid), '-m', '-u', '-i', '-n', '-p', '-r'];
    return [...namespaces, ...as, '--', 'env', '-i', '-C', cwd, ...pairs, ...argv];
  }

  #finished(running: Running, options: RunOptions): Promise<RunResult> {
    if (options.stdin === undefined) running.child.stdin.end();
    return running.result;
  }
}
