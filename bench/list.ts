import type { Benchmark, BenchmarkOptions, Row } from './benchmark.ts';
import { Site } from './rig/site.ts';

const MEASURE = '`hotdesk list`, agent running, CPU';

export const list: Benchmark = {
  name: 'list',
  measures: [MEASURE],
  run: (options) => Site.during({ hosts: 2, agents: [1, 2] }, (site) => measure(options, site)),
};

/** bash's `time` gives user and system time of a child to the millisecond (getrusage(2)). */
const TIMED = `
TIMEFORMAT='%U %S'
hotdesk list >/dev/null
for i in $(seq "$1"); do
  time hotdesk list >/dev/null
  time node -e 0 >/dev/null
done`;

async function measure({ rounds, say }: BenchmarkOptions, site: Site): Promise<readonly Row[]> {
  await site.desk(1).ok(['start', 'h2', '--no-attach', '--backend', 'tmux', '--', 'sleep', '1000']);
  const n = Math.max(15, 3 * rounds);
  const { stderr } = await site.desk(1).host.user(['bash', '-c', TIMED, 'bash', String(n)]);
  const cpu = stderr
    .trim()
    .split('\n')
    .map((line) => line.split(' ').reduce((sum, part) => sum + Number(part) * 1000, 0));
  if (cpu.length !== 2 * n || cpu.some((ms) => !(ms > 0))) throw new Error(`not what bash times: ${stderr}`);
  say(`${n} of each`);
  return [
    {
      measure: MEASURE,
      peer: '`node -e 0`',
      unit: 'ms',
      ours: cpu.filter((_, index) => index % 2 === 0),
      theirs: cpu.filter((_, index) => index % 2 === 1),
      bound: { kind: 'ratio-at-most', value: 1.6 },
      notes: ['User and system time.'],
    },
  ];
}
