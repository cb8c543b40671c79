/**
 * A forwarded unix socket: hotdesk's connection against `ssh -L`, over one and the same sshd on
 * loopback. Bulk (1 GiB, the session's side sends) and the round trip of one byte; medians; the two
 * take turns, since the machine's speed wanders. Prints JSON.
 *
 *   node scripts/run-ts.mjs bench/forward.ts [MEBIBYTES] [ROUNDS]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { forward } from '../src/agent/forward.ts';
import { createPool } from '../src/ssh/ssh.ts';
import { startSshd, until } from '../test/rigs/sshd/sshd.ts';

const MEBIBYTES = Number(process.argv[2] ?? 1024);
const ROUNDS = Number(process.argv[3] ?? 7);
const TRIPS = 2000;

/** Far end: `N\n` is answered with N bytes, `0\n` by an echo. In a process of its own, as a session is. */
const FAR = `
const chunk = Buffer.alloc(65536);
require('net').createServer((s) => {
  s.setNoDelay?.(true);
  s.on('error', () => {});
  s.once('data', (head) => {
    let left = Number(head.toString());
    if (left === 0) return s.pipe(s);
    const pump = () => {
      while (left > 0) {
        const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
        left -= part.length;
        if (!s.write(part)) return s.once('drain', pump);
      }
      s.end();
    };
    pump();
  });
}).listen(process.argv[1]);
`;

/** Near end: prints milliseconds, of all bytes or of one trip (median). */
const NEAR = `
const [path, bytes, trips] = [process.argv[1], Number(process.argv[2]), Number(process.argv[3])];
const s = require('net').connect(path);
let seen = 0;
const since = process.hrtime.bigint();
const ms = (from) => Number(process.hrtime.bigint() - from) / 1e6;
if (bytes > 0) {
  s.write(bytes + '\\n');
  s.on('data', (d) => { seen += d.length; });
  s.on('end', () => { if (seen !== bytes) process.exit(1); console.log(ms(since)); });
} else {
  s.write('0\\n');
  const times = [];
  let start;
  const ping = () => { start = process.hrtime.bigint(); s.write('x'); };
  s.on('data', () => {
    times.push(ms(start));
    if (times.length < trips) return ping();
    times.sort((a, b) => a - b);
    console.log(times[times.length >> 1]);
    s.destroy();
  });
  setTimeout(ping, 100);
}
`;

function run(path: string, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', NEAR, path, String(bytes), String(TRIPS)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.on('exit', (code) =>
      code === 0 ? resolve(Number(out)) : reject(new Error(`client ended with ${code}`)),
    );
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  const sshd = await startSshd();
  const children: ChildProcess[] = [];
  const far = join(sshd.dir, 'far.sock');
  const byUs = join(sshd.dir, 'hotdesk.sock');
  const bySsh = join(sshd.dir, 'openssh.sock');
  const pool = createPool(sshd.environment);
  const closers: (() => void)[] = [];
  try {
    children.push(spawn(process.execPath, ['-e', FAR, far], { stdio: 'inherit' }));
    const config = sshd.environment.configFile ?? '';
    children.push(
      spawn('ssh', ['-F', config, '-N', '-p', String(sshd.port), '-L', `${bySsh}:${far}`, sshd.host], {
        stdio: 'ignore',
      }),
    );
    const connection = await pool.connect({ name: sshd.host, port: sshd.port });
    const ours = await forward(byUs, {
      open: (signal) => connection.open({ kind: 'unix', path: far }, signal),
      holdMs: 0,
    });
    closers.push(() => ours.close());
    await until(() => existsSync(far) && existsSync(bySsh), 'both forwards listen');

    const bytes = MEBIBYTES * 1024 * 1024;
    const seen = {
      us: { bulk: [] as number[], trip: [] as number[] },
      ssh: { bulk: [] as number[], trip: [] as number[] },
    };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [path, into] of [
        [byUs, seen.us],
        [bySsh, seen.ssh],
      ] as const) {
        into.bulk.push(await run(path, bytes));
        into.trip.push(await run(path, 0));
      }
    }
    const rate = (ms: number) => Math.round((MEBIBYTES / ms) * 1000);
    const us = { mibPerSecond: rate(median(seen.us.bulk)), tripMs: median(seen.us.trip) };
    const ssh = { mibPerSecond: rate(median(seen.ssh.bulk)), tripMs: median(seen.ssh.trip) };
    const result = {
      what: 'forward of a unix socket against OpenSSH -L',
      openssh: execFileSync('sh', ['-c', 'ssh -V 2>&1']).toString().trim(),
      mebibytes: MEBIBYTES,
      rounds: ROUNDS,
      hotdesk: us,
      peer: ssh,
      throughputRatio: Number((us.mibPerSecond / ssh.mibPerSecond).toFixed(3)),
      latencyRatio: Number((us.tripMs / ssh.tripMs).toFixed(3)),
    };
    console.log(JSON.stringify(result, null, 2));
  } finally {
    for (const close of closers) close();
    for (const child of children) child.kill();
    await pool.close();
    await sshd.stop();
    rmSync(sshd.dir, { recursive: true, force: true });
  }
}

await main();
