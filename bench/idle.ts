import { readFileSync } from 'node:fs';
import type { Benchmark, BenchmarkOptions, Row } from './benchmark.ts';
import { Site } from './rig/site.ts';

const RSS = 'agent as host, 10 sessions, idle: resident memory';
const PRIVATE = 'agent as host, 10 sessions, idle: private memory';
const CPU = 'agent as host, 10 sessions, idle: CPU of one core';
/** Clock ticks a second of /proc/PID/stat: 100 on every Linux that Node runs on (proc_pid_stat(5)). */
const HERTZ = 100;
const SETTLE_MS = 20_000;
/** In so long a quiet backend is looked at once (src/agent/watch.ts): a shorter window has all of that or nothing. */
const WHOLE_S = 120;

export const idle: Benchmark = {
  name: 'idle',
  measures: [RSS, PRIVATE, CPU],
  run: (options) => Site.during({ hosts: 2, agents: [2] }, (site) => measure(options, site)),
};

/** Nobody looks: no other agent runs. h1 is there so that the link is not empty. */
async function measure({ quick, say }: BenchmarkOptions, site: Site): Promise<readonly Row[]> {
  const desk = site.desk(2);
  for (let i = 0; i < 5; i += 1) {
    await desk.ok(['start', 'h2', '--no-attach', '--backend', 'tmux', '--', 'sleep', '10000']);
    await desk.ok(['start', 'h2', '--no-attach', '--', 'xterm']);
  }
  const count = (await desk.sessions()).length;
  if (count !== 10) throw new Error(`${count} sessions, not 10`);
  const agent = desk.host.processes().find(({ argv }) => argv.slice(-2).join(' ') === 'agent run');
  if (!agent) throw new Error('no agent runs');
  await sleep(quick ? 5000 : SETTLE_MS);
  const seconds = quick ? 20 : WHOLE_S;
  const rss: number[] = [];
  const own: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const before = ticksOf(agent.outerPid);
    await sleep((seconds / 3) * 1000);
    cpu.push(((ticksOf(agent.outerPid) - before) / HERTZ / (seconds / 3)) * 100);
    const memory = memoryOf(agent.outerPid);
    rss.push(memory.rss);
    own.push(memory.own);
    say(
      `${memory.rss.toFixed(1)} MB resident, ${memory.own.toFixed(1)} MB its own, ${cpu.at(-1)?.toFixed(2)} %`,
    );
  }
  const whole = cpu.reduce((sum, each) => sum + each, 0) / cpu.length;
  const common = { peer: '–', theirs: [], notes: [] };
  return [
    { ...common, measure: RSS, unit: 'MB', ours: rss, bound: { kind: 'at-most', value: 55 } },
    {
      ...common,
      measure: PRIVATE,
      unit: 'MB',
      ours: own,
      bound: undefined,
      notes: ['Private_Dirty and Private_Clean of smaps_rollup.'],
    },
    {
      ...common,
      measure: CPU,
      unit: '%',
      ours: [whole],
      bound: { kind: 'at-most', value: 0.3 },
      notes: [`Over ${seconds} s, children that have ended included; 5 tmux and 5 xpra sessions.`],
    },
  ];
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** utime, stime, cutime and cstime. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
}

/** MB of 10^6 bytes. */
function memoryOf(pid: number): { rss: number; own: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mb = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'mu').exec(text)?.[1]) * 1024) / 1e6;
  return { rss: mb('Rss'), own: mb('Private_Dirty') + mb('Private_Clean') };
}
