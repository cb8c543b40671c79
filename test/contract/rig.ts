/** What the contract suite runs on: a machine of its own corner, a seat, and a look at what is left behind. */
import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HotdeskError } from '../../src/kernel/errors.ts';
import type { Machine } from '../../src/model/machine.ts';
import type { Seat } from '../../src/model/seat.ts';
import { hostEnvironment, localMachine } from '../../src/platform/local-machine.ts';
import { until } from '../rigs/until.ts';

/** A machine to hold the profiles against. `home` is the user's home there, readable from here. */
export interface ContractRig {
  readonly machine: Machine;
  readonly home: string;
  /** Displays that programs of it were seen on: see `noteDisplays`. */
  readonly displays: Set<string>;
  dispose(): Promise<void>;
}

/** This computer, with a home, a tmux server and a runtime folder that nobody else uses. */
export async function localRig(): Promise<ContractRig> {
  const home = mkdtempSync(join(tmpdir(), 'hotdesk-contract-'));
  const run = join(home, 'run');
  const screens = join(home, 'screens');
  for (const folder of [run, screens, join(home, '.cache')]) mkdirSync(folder, { mode: 0o700 });
  const env = {
    ...hostEnvironment(process.env),
    HOME: home,
    TMPDIR: home,
    TMUX_TMPDIR: home,
    SCREENDIR: screens,
    XDG_RUNTIME_DIR: run,
  };
  const machine = localMachine('here', env);
  return {
    machine,
    home,
    displays: new Set(),
    async dispose() {
      await machine.exec(['tmux', 'kill-server']);
      // Asked first, so that X servers take their sockets away.
      for (const pid of processesOf(home)) kill(pid, 'SIGTERM');
      await until('they have ended', () => processesOf(home).length === 0, 5000).catch(() => {});
      for (const pid of processesOf(home)) kill(pid);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The rig's machine with a program in front of that of the system that takes its time: with `setsid`, what is begun is late. */
export async function withSlow(rig: ContractRig, program: string): Promise<Machine> {
  const folder = join(rig.home, '.cache', `slow-${program}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, program), `#!/bin/sh\nsleep 0.6\nexec /usr/bin/${program} "$@"\n`);
  chmodSync(join(folder, program), 0o755);
  const { stdout } = await rig.machine.exec(['env', '-0']);
  const entries = stdout.toString().split('\0').filter(Boolean);
  const env: Record<string, string> = {};
  for (const entry of entries) env[entry.slice(0, entry.indexOf('='))] = entry.slice(entry.indexOf('=') + 1);
  return localMachine('here', { ...env, PATH: `${folder}:${env.PATH}` });
}

/** A machine whose connection breaks after the first command: a start gets no further than its launch. */
export function breakingAtOnce(machine: Machine): Machine {
  let isUp = true;
  return {
    ...machine,
    async exec(argv, options) {
      if (!isUp) throw new HotdeskError('connection-lost', 'The connection broke.');
      isUp = false;
      return machine.exec(argv, options);
    },
  };
}

/** Makes all that is in the user's folders old: nobody waits any more for a start that began there. */
export async function age({ machine }: ContractRig): Promise<void> {
  const folders = `"$HOME" "\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"`;
  await machine.exec(['sh', '-c', `find ${folders} -exec touch -h -d "20 minutes ago" {} +`]);
}

/** Processes whose environment names that home: everything that a session there started. Zombies are gone. */
export function processesOf(home: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .filter((pid) => environmentOf(pid).includes(`HOME=${home}`))
    .map(Number);
}

function environmentOf(pid: string | number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

/** Everything that a session may leave: processes, files of its home, listening sockets, X locks. */
export function leftovers(rig: ContractRig): string[] {
  const processes = processesOf(rig.home).map((pid) => `process ${pid} ${commandLine(pid)}`);
  const files = walk(rig.home).filter(
    (file) => !EXPECTED.some((pattern) => pattern.test(file)) && !isEmptyXauthority(file),
  );
  const sockets = readFileSync('/proc/net/unix', 'latin1')
    .split('\n')
    .filter((line) => line.includes(rig.home));
  return [...processes, ...files, ...sockets, ...deadDisplays(rig)];
}

/**
 * Waits until nothing is left.
 * @throws Error that names what is, after `ms`
 */
export async function nothingLeft(rig: ContractRig, ms = 10_000): Promise<void> {
  let left: string[] = [];
  const none = () => {
    left = leftovers(rig);
    return left.length === 0;
  };
  await until('nothing is left', none, ms).catch((error: Error) => {
    // A script is long, and its last words say whose it is.
    const named = left.map((each) =>
      each
        .trim()
        .replaceAll(/\s+/gu, ' ')
        .replace(/^(.{60}).*(.{120})$/u, '$1 … $2'),
    );
    throw new Error([`${error.message}, but there is:`, ...named].join('\n'));
  });
}

/** The user's own file stays, without an entry of a session that is gone. */
function isEmptyXauthority(file: string): boolean {
  return file.endsWith('/.Xauthority') && statSync(file, { throwIfNoEntry: false })?.size === 0;
}

/** Takes note of the displays that programs of the rig are on now: others may come and go beside it. */
export function noteDisplays(rig: ContractRig): void {
  for (const pid of processesOf(rig.home)) {
    const display = environmentOf(pid).find((entry) => /^DISPLAY=:\d+/u.test(entry));
    if (display) rig.displays.add(/\d+/u.exec(display)?.[0] ?? '');
  }
}

/** Sockets and locks of X displays that nobody serves any more. */
function deadDisplays(rig: ContractRig): string[] {
  const table = readFileSync('/proc/net/unix', 'latin1');
  return [...rig.displays].flatMap((n) => {
    if (new RegExp(`/tmp/\\.X11-unix/X${n}$`, 'mu').test(table)) return [];
    return [`/tmp/.X11-unix/X${n}`, `/tmp/.X${n}-lock`].filter((file) => existsSync(file));
  });
}

/** Empty for a process that is gone by now. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

// What the programs themselves keep per user, once: not of a session.
const EXPECTED = [
  /\/:\d+\.log(?:\.old)?$/u,
  /\/dconf\/user$/u,
  /\/\.vnc\/[^/]+:\d+\.log$/u,
  /run-xpra$/u,
  // The lock is left when several clients raced to start the server.
  /tmux-\d+\/default(?:\.lock)?$/u,
  /\/\.cache\//u,
  // The cache of fonts, where it is kept as it once was.
  /\/\.fontconfig\//u,
  /\/\.config\//u,
  // How a session ended by itself, until that is read or a day has passed.
  /\/\.local\/state\/hotdesk\/ended\/[^/]+-\d+$/u,
  /\/\.dbus\//u,
];

function walk(folder: string): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

export function kill(pid: number, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

/** An X server as somebody's screen, and what is on it. */
export interface TestSeat {
  readonly seat: Seat;
  /** Names of the windows that are mapped there. */
  windows(): Promise<string>;
  dispose(): Promise<void>;
}

export async function testSeat(): Promise<TestSeat> {
  const server = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp', '-noreset'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  server.stdio[3]?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const display = await until('the seat’s X server', () => /^(\d+)\n/u.exec(said)?.[1]);
  return {
    seat: { id: `:${display}`, kind: 'x11', env: { DISPLAY: `:${display}` } },
    windows: () => xwininfo(`:${display}`),
    async dispose() {
      server.kill('SIGTERM');
      await ended;
    },
  };
}

function xwininfo(display: string): Promise<string> {
  return new Promise((resolve) => {
    execFile('xwininfo', ['-display', display, '-root', '-tree'], (_error, stdout) => resolve(stdout));
  });
}
