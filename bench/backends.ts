/** Start, attach and move of each further backend, against its plain commands typed by hand. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sleep } from '../src/kernel/abort.ts';
import { Hands } from './backends/by-hand.ts';
import { Clicks } from './backends/click.ts';
import { BACKENDS, type BackendRow } from './backends/rows.ts';
import { alternate, type Benchmark, type BenchmarkOptions, type Row } from './benchmark.ts';
import { screenOf } from './rig/seen.ts';
import { agentOf, Site } from './rig/site.ts';

const startOf = ({ profile }: BackendRow) => `${profile}, start: command → seen`;
const attachOf = ({ profile }: BackendRow) => `${profile}, attach: command → seen`;
const clickedStartOf = ({ profile }: BackendRow) => `${profile}, start: click in the tray → seen`;
const clickedAttachOf = ({ profile }: BackendRow) => `${profile}, attach: click in the tray → seen`;
const moveOf = ({ profile }: BackendRow) => `${profile}, move: command at the third machine → seen there`;

/** What asks for a password is measured by its command alone, which is given one. */
const clicks = ({ env }: BackendRow) => env === undefined;

/** One a backend, called as its profile is. A profile that is not there has none. */
export const backends: readonly Benchmark[] = BACKENDS.filter(({ profile }) =>
  existsSync(fileURLToPath(new URL(`../profiles/${profile}.yaml`, import.meta.url))),
).map((row) => ({
  name: row.profile,
  measures: [
    startOf(row),
    attachOf(row),
    ...(clicks(row) ? [clickedStartOf(row), clickedAttachOf(row)] : []),
    moveOf(row),
  ],
  run: (options) => Site.during({ hosts: 3, agents: [1, 2, 3] }, (site) => measure(options, site, row)),
}));

/** With its host, which is asked where the list does not have it yet. */
const NAME = 'bench@h2';
/**
 * Before either side begins, in ms: the agent there notices a change of connections within 1.5 s (agent/watch), and
 * lists its sessions anew 0.4 s later, for some tenths of a second. What was measured before is not to be paid for
 * by what comes next.
 */
const REST_MS = 2500;
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

  const rest = async (end: 0 | 1): Promise<void> => {
    await screens[end].gone();
    await sleep(REST_MS);
  };
  const command = async (end: 0 | 1, args: readonly string[]): Promise<number> => {
    await rest(end);
    const shown = screens[end].when();
    const began = performance.now();
    const ran = ends[end].ok(args, env);
    const ms = (await Promise.race([shown, ran.then(() => shown)])) - began;
    await ran;
    return ms;
  };
  /** From the request, which the tray sends some ms after the click (bench/tray.ts). */
  const click = async (ask: () => Promise<void>): Promise<number> => {
    await rest(0);
    const shown = screens[0].when();
    const began = performance.now();
    const asked = ask();
    const ms = (await Promise.race([shown, asked.then(() => shown)])) - began;
    await asked;
    return ms;
  };
  const handStart = async (): Promise<number> => {
    name += 1;
    const session = `by-hand-${name}`;
    await rest(0);
    const { ms, viewer } = await hands.start(session);
    await hands.close(session, viewer);
    await hands.stop(session);
    return ms;
  };
  const handAttach = async (): Promise<number> => {
    await rest(0);
    const { ms, viewer } = await hands.attach('by-hand');
    await hands.close('by-hand', viewer);
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
    handStart,
  );
  const tray = clicks(row) ? await Clicks.at(await agentOf(here.host)) : undefined;
  const clickedStart =
    tray &&
    (await alternate(
      options,
      async () => {
        const ms = await click(() => tray.start('h2', row.profile, 'bench', row.start));
        await here.ok(['stop', NAME, '--yes']);
        return ms;
      },
      handStart,
    ));

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
    handAttach,
  );
  const clickedAttach =
    tray &&
    (await alternate(
      options,
      async () => {
        const ms = await click(() => tray.attach(NAME));
        await here.ok(['detach', NAME]);
        return ms;
      },
      handAttach,
    ));
  tray?.close();
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

  const notes = [
    'The commands are typed at once, over a connection that is there (ControlMaster). Either side begins 2.5 s after what went before.',
  ];
  const clicked = [
    'From the request at the agent, some ms after the click (rows of the tray); the peer is the same.',
  ];
  const against = (
    what: 'start' | 'attach',
    measure: string,
    seen: { ours: number[]; theirs: number[] },
    said: readonly string[],
  ): Row => ({
    measure,
    peer: row.peer[what],
    unit: 'ms',
    ...seen,
    bound: { kind: 'ratio-at-most', value: row.bound[what] },
    notes: said,
  });
  return [
    against('start', startOf(row), start, notes),
    against('attach', attachOf(row), attach, notes),
    ...(clickedStart ? [against('start', clickedStartOf(row), clickedStart, clicked)] : []),
    ...(clickedAttach ? [against('attach', clickedAttachOf(row), clickedAttach, clicked)] : []),
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
