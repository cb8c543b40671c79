/** A host with xrdp, for the contract suite: a network, /etc and /run of its own, and one user with a password. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import type { Machine } from '../../../src/model/machine.ts';
import { localMachine } from '../../../src/platform/local-machine.ts';
import { type ContractRig, kill, processesOf } from '../../contract/rig.ts';
import { until } from '../until.ts';
import { XRDP_PASSWORD } from './password.ts';
import { XRDP_SCRIPT } from './script.ts';

const USER = 'rdpuser';
const UID = 4207;

export interface XrdpRig extends ContractRig {
  /** Runs a program as root there. */
  root(argv: readonly string[]): Promise<string>;
  /** Processes of the host, by the name of their program. */
  pids(program: string): number[];
  /** Its folder: `xrdp.log` and `sesman.log` are in it. */
  readonly folder: string;
}

/** Needs root. */
export async function xrdpRig(): Promise<XrdpRig> {
  const folder = mkdtempSync(join(tmpdir(), 'hotdesk-xrdp-'));
  chmodSync(folder, 0o755);
  const home = join(folder, 'home');
  for (const each of [home, join(home, '.cache')]) mkdirSync(each, { mode: 0o755 });
  const holder = spawn(
    'unshare',
    ['-m', '-n', '-u', 'bash', XRDP_SCRIPT, 'host', folder, USER, `${UID}`, XRDP_PASSWORD],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  await isUp(holder, folder);
  const network = networkOf(`${holder.pid}`);
  const enter = ['nsenter', '-t', `${holder.pid}`, '-m', '-n', '-u'];
  const displays = new Set<string>();
  return {
    home,
    folder,
    displays,
    machine: machineOf(enter, home),
    root: async (argv) => (await promisify(execFile)(enter[0] ?? '', [...enter.slice(1), ...argv])).stdout,
    pids: (program) => on(network).filter((pid) => commandOf(pid) === program),
    async dispose() {
      for (const pid of processesOf(home)) kill(pid, 'SIGTERM');
      await until('they have ended', () => processesOf(home).length === 0, 5000).catch(() => {});
      for (const pid of [...processesOf(home), ...on(network)]) kill(pid);
      await until('its services have ended', () => on(network).length === 0);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isUp(holder: ChildProcess, folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    holder.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    holder.stdout?.once('data', () => resolve());
    holder.once('exit', () => reject(new Error(`no host with xrdp in ${folder}: ${said}`)));
  });
}

/** Everything that runs in that network, which is everything of the host. */
function on(network: string | undefined): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && network !== undefined && networkOf(name) === network)
    .map(Number);
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function networkOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

/** The host as its user has it over SSH. @param enter argv that goes into it */
function machineOf(enter: readonly string[], home: string): Machine {
  const env = { HOME: home, USER, LOGNAME: USER, SHELL: '/bin/bash', PATH: '/usr/local/bin:/usr/bin:/bin' };
  const as = [...enter, '--setuid', `${UID}`, '--setgid', `${UID}`, '--', 'env', '-i', '-C', home];
  const here = localMachine('rdphost', { PATH: process.env.PATH });
  return {
    name: 'rdphost',
    isLocal: false,
    exec: (argv, { env: more, ...options } = {}) => {
      const pairs = Object.entries({ ...env, ...more }).map(([name, value]) => `${name}=${value}`);
      return here.exec([...as, ...pairs, ...argv], options);
    },
    open: async (endpoint) => {
      const to =
        endpoint.kind === 'unix' ? `UNIX-CONNECT:${endpoint.path}` : `TCP:${endpoint.host}:${endpoint.port}`;
      const [program = '', ...args] = [...enter, 'socat', '-', to];
      const { stdin, stdout } = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
      return Duplex.from({ writable: stdin, readable: stdout });
    },
  };
}
