import { until } from '../test/rigs/until.ts';
import { alternate, type Benchmark, type BenchmarkOptions, type Row, repeat } from './benchmark.ts';
import { Site } from './rig/site.ts';
import { Windows, XTERM } from './rig/windows.ts';
import { close, endNew, pidsOf, untilWindow, urlOf } from './rig/xpra.ts';

const MEASURE = 'start: command → window on the viewer’s display';
const COLD = 'start, the first after the agent’s own start: command → window';

export const start: Benchmark = {
  name: 'start',
  measures: [MEASURE, COLD],
  run: (options) => Site.during({ hosts: 2, agents: [1, 2] }, (site) => measure(options, site)),
};

interface Result {
  readonly session: { readonly ref: string };
  readonly timings: Readonly<Record<string, number>>;
}

async function measure(options: BenchmarkOptions, site: Site): Promise<readonly Row[]> {
  const [here, there] = [site.desk(1), site.desk(2)];
  const windows = await Windows.watch(here.host);
  let result: Result | undefined;

  const ours = async () => {
    const shown = windows.next(XTERM);
    const began = performance.now();
    const command = here.run(['start', 'h2', '--json', '--name', 'bench', '--', 'xterm']);
    const failed = command.then(({ code, stdout, stderr }) => {
      if (code !== 0) throw new Error(`hotdesk start: ${stdout}${stderr}`);
      result = JSON.parse(stdout) as Result;
      return shown;
    });
    const ms = (await Promise.race([shown, failed])) - began;
    await failed;
    await here.ok(['stop', result?.session.ref ?? '', '--yes']);
    return ms;
  };
  const theirs = async () => {
    const before = pidsOf(there.host);
    const args = ['start', urlOf(there.host), '--start=xterm'];
    const { ms, client } = await untilWindow(here.host, windows, args);
    await close(client);
    await endNew(there.host, before);
    return ms;
  };

  const seen = await alternate(options, ours, theirs);
  const parts = JSON.stringify(result?.timings);
  const cold = await repeat({ ...options, rounds: 3 }, async () => {
    await here.ok(['agent', 'stop']);
    await here.ok(['agent', 'start']);
    await until('h2 is found', async () => (await here.hosts()).some(({ name }) => name === 'h2'));
    return ours();
  });
  windows.close();
  const peer = '`xpra start ssh://host/ --start=xterm`';
  return [
    {
      measure: MEASURE,
      peer,
      unit: 'ms',
      ...seen,
      bound: { kind: 'ratio-at-most', value: 0.55 },
      notes: [
        'The agent runs and is connected to the host, as it is to every trusted host that it lists.',
        `Parts of the last one, ms since it began: ${parts}.`,
      ],
    },
    {
      measure: COLD,
      peer,
      unit: 'ms',
      ours: cold,
      theirs: seen.theirs.slice(0, cold.length),
      bound: undefined,
      notes: [
        'The host is found; connecting and looking what it can run may not be done.',
        'Not in turn with the peer, whose first figures of the row above stand here.',
      ],
    },
  ];
}
