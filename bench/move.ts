import { alternate, type Benchmark, type BenchmarkOptions, type Row } from './benchmark.ts';
import { Site } from './rig/site.ts';
import { Windows, XTERM } from './rig/windows.ts';
import { close, startServer, untilWindow, urlOf } from './rig/xpra.ts';

const MEASURE = 'move: command at the third machine → window there';
const DISPLAY = 50;

export const move: Benchmark = {
  name: 'move',
  measures: [MEASURE],
  run: (options) => Site.during({ hosts: 3, agents: [1, 2, 3] }, (site) => measure(options, site)),
};

/** A session of h2 goes to and fro between h1 and h3; each way counts. */
async function measure(options: BenchmarkOptions, site: Site): Promise<readonly Row[]> {
  const there = site.desk(2);
  const ends = [site.desk(1), site.desk(3)] as const;
  await ends[0].ok(['start', 'h2', '--name', 'bench', '--', 'xterm']);
  await startServer(there.host, DISPLAY);
  const windows = [await Windows.watch(ends[0].host), await Windows.watch(ends[1].host)] as const;
  const url = urlOf(there.host, String(DISPLAY));
  let peer = (await untilWindow(ends[0].host, windows[0], ['attach', url])).client;

  let ourEnd: 0 | 1 = 0;
  const ours = async () => {
    ourEnd = ourEnd === 0 ? 1 : 0;
    const shown = windows[ourEnd].next(XTERM);
    const began = performance.now();
    const command = ends[ourEnd].ok(['move', 'bench']);
    const ms = (await Promise.race([shown, command.then(() => shown)])) - began;
    await command;
    return ms;
  };
  let theirEnd: 0 | 1 = 0;
  const theirs = async () => {
    theirEnd = theirEnd === 0 ? 1 : 0;
    const before = peer;
    const { ms, client } = await untilWindow(ends[theirEnd].host, windows[theirEnd], ['attach', url]);
    // The server sends the one before away.
    await before.result;
    peer = client;
    return ms;
  };
  const seen = await alternate(options, ours, theirs);
  await close(peer);
  for (const each of windows) each.close();
  return [
    {
      measure: MEASURE,
      peer: '`xpra attach ssh://host/N` while another client is attached',
      unit: 'ms',
      ...seen,
      bound: { kind: 'ratio-at-most', value: 0.5 },
      notes: [],
    },
  ];
}
