/** Start, attach and move of each further backend, against its plain commands typed by hand. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Hands } from './backends/by-hand.ts';
import { BACKENDS, type BackendRow } from './backends/rows.ts';
import { alternate, type Benchmark, type BenchmarkOptions, type Row } from './benchmark.ts';
import { screenOf } from './rig/seen.ts';
import { Site } from './rig/site.ts';

const startOf = ({ profile }: BackendRow) => `${profile}, start: command → seen`;
const attachOf = ({ profile }: BackendRow) => `${profile}, attach: command → seen`;
const moveOf = ({ profile }: BackendRow) => `${profile}, move: command at the third machine → seen there`;

/** One a backend, called as its profile is. A profile that is not there has none. */
export const backends: readonly Benchmark[] = BACKENDS.filter(({ profile }) =>
  existsSync(fileURLToPath(new URL(`../profiles/${profile}.yaml`, import.meta.url))),
).map((row) => ({
  name: row.profile,
  measures: [startOf(row), attachOf(row), moveOf(row)],
  run: (options) => Site.during({ hosts: 3, agents: [1, 2, 3] }, (site) => measure(options, site, row)),
}));

/** With its host, which is asked where the list does not have it yet. */
const NAME = 'bench@h2';
/** Move at most so many times attach. */
const MOVE_BOUND = 1.2;

async function measure(options: BenchmarkOptions, site: Site, row: BackendRow): Promise<readonly Row[]> {
  const [here, there, third] = [site.desk(1), site.desk(2), site.desk(3)];
  await row.prepare?.(there.host, [here.host, third.host]);
  const ends = [here, third] as const;
  const screens = [await screenOf(here.host, row.look), await screenOf(third.host, row.look)] as const;
  const hands = await Hands.at(here.host, there.host, () => screens[0].when(), row.hand);
  let name = 0;
  const env = row.env ? { env: row.env } : {};

  const command = async (end: 0 | 1, args: readonly string[]): Promise<number> => {
    await screens[end].gone();
    const shown = screens[end].when();
    const began = performance.now();
    const ran = ends[end].ok(args, env);
    const ms = (await Promise.race([shown, ran.then(() => shown)])) - began;
    await ran;
    return ms;
  };
  const ourStart = ['start', 'h2', '--backend', row.profile, '--name', 'bench', ...row.start];
  const start = await alternate(
    options,
    async () => {
      const ms = await command(0, ourStart);
      await here.ok(['stop', NAME, '--yes']);
      return ms;
    },
    async () => {
      name += 1;
      const session = `by-hand-${name}`;
      await screens[0].gone();
      const { ms, viewer } = await hands.start(session);
      await hands.close(session, viewer);
      await hands.stop(session);
      return ms;
    },
  );

  await command(0, ourStart);
  await here.ok(['detach', NAME]);
  await screens[0].gone();
  const first = await hands.start('by-hand');
  await hands.close('by-hand', first.viewer);
  const attach = await alternate(
    options,
    async () => {
      const ms = await command(0, ['attach', NAME]);
      await here.ok(['detach', NAME]);
      return ms;
    },
    async () => {
      await screens[0].gone();
      const { ms, viewer } = await hands.attach('by-hand');
      await hands.close('by-hand', viewer);
      return ms;
    },
  );
  await hands.stop('by-hand');

  // To and fro: it is attached where it was shown last, then moved to the other machine.
  let end: 0 | 1 = 1;
  const move = await alternate(
    options,
    async () => {
      await command(end, ['attach', NAME]);
      end = end === 0 ? 1 : 0;
      return command(end, ['move', NAME]);
    },
    async () => {
      await ends[end].ok(['detach', NAME]);
      const ms = await command(end, ['attach', NAME]);
      await ends[end].ok(['detach', NAME]);
      return ms;
    },
  );
  await here.ok(['stop', NAME, '--yes']);
  await hands.leave();
  for (const each of screens) each.close();

  const notes = ['The commands are typed at once, over a connection that is there (ControlMaster).'];
  return [
    {
      measure: startOf(row),
      peer: row.peer.start,
      unit: 'ms',
      ...start,
      bound: { kind: 'ratio-at-most', value: row.bound.start },
      notes,
    },
    {
      measure: attachOf(row),
      peer: row.peer.attach,
      unit: 'ms',
      ...attach,
      bound: { kind: 'ratio-at-most', value: row.bound.attach },
      notes,
    },
    {
      measure: moveOf(row),
      peer: '`hotdesk attach` of the same session, shown nowhere',
      unit: 'ms',
      ...move,
      bound: { kind: 'ratio-at-most', value: MOVE_BOUND },
      notes: [],
    },
  ];
}
