import { alternate, type Benchmark, type BenchmarkOptions, type Row } from './benchmark.ts';
import { Site } from './rig/site.ts';
import { Windows, XTERM } from './rig/windows.ts';
import { close, startServer, untilWindow, urlOf } from './rig/xpra.ts';

const MEASURE = 'attach: command → window';
const DISPLAY = 50;

export const attach: Benchmark = {
  name: 'attach',
  measures: [MEASURE],
  run: (options) => Site.during({ hosts: 2, agents: [1, 2] }, (site) => measure(options, site)),
};

async function measure(options: BenchmarkOptions, site: Site): Promise<readonly Row[]> {
  const [here, there] = [site.desk(1), site.desk(2)];
  await here.ok(['start', 'h2', '--no-attach', '--name', 'bench', '--', 'xterm']);
  await startServer(there.host, DISPLAY);
  const windows = await Windows.watch(here.host);

  const ours = async () => {
    const shown = windows.next(XTERM);
    const began = performance.now();
    const command = here.ok(['attach', 'bench']);
    const ms = (await Promise.race([shown, command.then(() => shown)])) - began;
    await command;
    await here.ok(['detach', 'bench']);
    return ms;
  };
  const theirs = async () => {
    const { ms, client } = await untilWindow(here.host, windows, [
      'attach',
      urlOf(there.host, String(DISPLAY)),
    ]);
    await close(client);
    return ms;
  };
  const seen = await alternate(options, ours, theirs);
  windows.close();
  return [
    {
      measure: MEASURE,
      peer: '`xpra attach ssh://host/N`',
      unit: 'ms',
      ...seen,
      bound: { kind: 'ratio-at-most', value: 0.45 },
      notes: [
        'Each side attaches to a session of its own making; the peer’s server runs with Debian’s defaults.',
      ],
    },
  ];
}
