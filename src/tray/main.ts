/** What `hotdesk tray` runs: one tray for the seat that it is started at, until it is told to quit. */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { systemClock } from '../kernel/clock.ts';
import { toHotdeskError } from '../kernel/errors.ts';
import { seatOf } from '../model/seat-of.ts';
import { localeOf } from '../protocol/locale.ts';
import { pathsOf } from '../protocol/paths.ts';
import { displayAnswers } from './display.ts';
import { holdSeat } from './single.ts';
import { Tray, type TrayOptions } from './tray.ts';

export { autostart } from './autostart.ts';

export interface RunTray extends Omit<TrayOptions, 'clock'> {
  /** Aborted when the process is told to end. */
  readonly signal: AbortSignal;
}

/** @returns the pid of the tray that this seat has already; undefined when this one has ended */
export async function runTray({ signal, ...options }: RunTray): Promise<number | undefined> {
  const tray = new Tray({ ...options, clock: systemClock });
  let seat = seatOf(options.env);
  const holding = await holdSeat({
    folder: join(options.connect.paths.runtimeDir, 'tray'),
    seat,
    onOffer: async (other) => {
      const isOurs = seat === undefined || other.id === seat.id || !(await displayAnswers(seat));
      if (!isOurs) return false;
      const isNews = JSON.stringify(other.env) !== JSON.stringify(seat?.env);
      seat = { ...other, env: { ...other.env } };
      if (isNews) void tray.adopt(other.env);
      return true;
    },
  });
  if ('pid' in holding) return holding.pid;
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    await tray.start();
    await Promise.race([tray.quit, aborted]);
  } finally {
    await tray.end();
    holding.end();
  }
  return undefined;
}

/** `hotdesk tray` and nothing more, past the command line: what that takes stays in memory for days. */
export async function main(process: NodeJS.Process): Promise<void> {
  // It runs a moment now and then: the compilers' own code would be a tenth of its memory, and room for
  // young objects, which is not given back once a burst has made it larger, up to 7 MB.
  for (const flag of ['--no-opt', '--no-sparkplug', '--semi-space-growth-factor=1']) setFlagsFromString(flag);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort());
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const hotdesk = [process.execPath, process.argv[1] ?? 'hotdesk'];
  const uid = process.getuid?.() ?? 0;
  try {
    const pid = await runTray({
      env: process.env,
      connect: { paths: pathsOf(process.env, uid), uid, program: [...hotdesk, 'agent', 'run'] },
      hotdesk,
      locale: localeOf(process.env),
      say,
      signal: stop.signal,
    });
    if (pid !== undefined) say(runsAlready(pid));
    process.exit(0);
  } catch (thrown) {
    const { message, hint, exitCode } = toHotdeskError(thrown);
    say(`hotdesk: ${message}${hint === undefined ? '' : `\n${hint}`}`);
    process.exit(exitCode);
  }
}

export const runsAlready = (pid: number) => `The tray of this seat runs already (pid ${pid}).`;
