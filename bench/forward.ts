/** A forwarded unix socket: hotdesk's connection against `ssh -L`, over one and the same sshd on loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startSshd, until } from '../test/rigs/sshd/sshd.ts';
import { alternate, type Benchmark, type BenchmarkOptions, type Row } from './benchmark.ts';
import type { ForwardOrder } from './forward/ours.ts';
import { FAR, NEAR } from './forward/programs.ts';
import { buildProgram } from './rig/program.ts';

const BULK = 'bulk through a forward, 1 GiB';
const TRIP = 'round trip of 1 byte through a forward';
const MEBIBYTES = 1024;
const TRIPS = 2000;

export const forward: Benchmark = {
  name: 'forward',
  measures: [BULK, TRIP],
  async run(options) {
    const sshd = await startSshd();
    const program = await buildProgram('forward/ours.ts');
    const children: ChildProcess[] = [];
    const start = (command: string, args: readonly string[]) => {
      children.push(spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'] }));
    };
    const [far, ours, theirs] = ['far', 'ours', 'theirs'].map((name) => join(sshd.dir, `${name}.sock`));
    if (!far || !ours || !theirs) throw new Error('three sockets');
    try {
      const { environment, host, port } = sshd;
      const order: ForwardOrder = { environment, host, port, far, near: ours };
      start(process.execPath, ['-e', FAR, far]);
      start(process.execPath, [program.file, JSON.stringify(order)]);
      const config = environment.configFile ?? '';
      start('ssh', ['-F', config, '-N', '-p', String(port), '-L', `${theirs}:${far}`, host]);
      await until(() => [far, ours, theirs].every((path) => existsSync(path)), 'both forwards listen');
      return await measure(options, ours, theirs);
    } finally {
      for (const child of children) child.kill();
      program.remove();
      await sshd.stop();
      rmSync(sshd.dir, { recursive: true, force: true });
    }
  },
};

async function measure(options: BenchmarkOptions, ours: string, theirs: string): Promise<readonly Row[]> {
  const rate = async (path: string) => (MEBIBYTES / (await near(path, MEBIBYTES * 1024 * 1024))) * 1000;
  const bulk = await alternate(
    options,
    () => rate(ours),
    () => rate(theirs),
  );
  const trip = await alternate(
    options,
    () => near(ours, 0),
    () => near(theirs, 0),
  );
  const peer = 'OpenSSH -L';
  const notes = [`Ends and forwards are processes of their own; ${TRIPS} trips a round, the median counts.`];
  return [
    { measure: BULK, peer, unit: 'MiB/s', ...bulk, bound: { kind: 'ratio-at-least', value: 0.8 }, notes: [] },
    { measure: TRIP, peer, unit: 'ms', ...trip, bound: { kind: 'ratio-at-most', value: 1.4 }, notes },
  ];
}

/** @returns ms */
function near(path: string, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const args = ['-e', NEAR, path, String(bytes), String(TRIPS)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.on('exit', (code) =>
      code === 0 ? resolve(Number(out)) : reject(new Error(`the near end ended with ${code}`)),
    );
  });
}
