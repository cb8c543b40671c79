/** What the figures were measured on. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PROGRAMS: readonly (readonly [string, string, ...string[]])[] = [
  ['xpra', 'xpra', '--version'],
  ['tmux', 'tmux', '-V'],
  ['OpenSSH', 'ssh', '-V'],
  ['Avahi', 'avahi-daemon', '--version'],
];

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly kernel: string;
  readonly node: string;
  readonly programs: Readonly<Record<string, string>>;
  /** Of the last minute, when the run began. */
  readonly load: number;
}

export async function describeMachine(): Promise<Machine> {
  const programs = await Promise.all(
    PROGRAMS.map(async ([name, command, ...args]) => [name, await versionOf(command, args)] as const),
  );
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 1e9),
    system: /^PRETTY_NAME="(.*)"$/mu.exec(textOf('/etc/os-release'))?.[1] ?? 'unknown',
    kernel: release(),
    node: process.version,
    programs: Object.fromEntries(programs),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

async function versionOf(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(command, args);
    return /\d+\.[\w.]+/u.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown';
  } catch {
    return 'missing';
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
