/** `hotdesk agent log`: the agent's JSON lines for people. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { lastLines } from '../client/log-tail.ts';
import { sleep } from '../kernel/abort.ts';
import { EXIT, HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { Run } from './shell.ts';
import type { Span, Style } from './style.ts';

/** How often a followed log is looked at, in ms. */
const LOOK_MS = 250;
/** Longest line that is shown, in UTF-16 units. */
const LINE_LIMIT = 2000;

/** Prints the last lines, and with `follow` those that come until Ctrl-C. @throws HotdeskError `bad-argument` */
export async function showLog(
  run: Run,
  { count, follow }: { count: number; follow: boolean },
): Promise<void> {
  const file = run.shell.paths.log;
  let at = sizeOf(file);
  if (at === undefined && !follow) {
    throw new HotdeskError('agent-unavailable', `There is no log yet (${file}).`, {
      hint: 'The first command that needs an agent starts one: `hotdesk agent start`.',
    });
  }
  for (const line of lastLines(file, count)) print(run, line);
  if (!follow) return;
  let rest = '';
  while (!run.interrupt.signal.aborted) {
    const size = sizeOf(file) ?? 0;
    // A smaller file is a new one.
    if (size < (at ?? 0)) at = 0;
    const lines = (rest + readFrom(file, at ?? 0, size)).split('\n');
    at = size;
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') print(run, line);
    await sleep(LOOK_MS, run.interrupt.signal).catch(() => {});
  }
  run.shell.exitCode = EXIT.cancelled;
}

function print(run: Run, line: string): void {
  if (run.console.flags.json) run.console.print(sanitise(line, LINE_LIMIT));
  else run.console.print(...logSpans(line));
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}

function readFrom(file: string, from: number, to: number): string {
  if (to <= from) return '';
  const fd = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(to - from, 1_048_576));
    const length = readSync(fd, buffer, 0, buffer.length, to - buffer.length);
    return buffer.subarray(0, length).toString('utf8');
  } finally {
    closeSync(fd);
  }
}

/** pino's numbers. */
const LEVELS: Readonly<Record<number, { name: string; style?: Style }>> = {
  20: { name: 'debug', style: 'dim' },
  30: { name: 'info' },
  40: { name: 'warn', style: 'yellow' },
  50: { name: 'error', style: 'red' },
  60: { name: 'fatal', style: 'red' },
};

/** One line of the log: time, level, message, the other fields. Anything but JSON is shown as it is. */
export function logSpans(line: string): Span[] {
  const entry = parsed(line);
  if (!entry) return [sanitise(line, LINE_LIMIT)];
  const { time, level, msg, ...fields } = entry;
  const known = LEVELS[Number(level)] ?? { name: String(level ?? '') };
  const name = known.name.padEnd(5);
  const details = Object.entries(fields).map(([key, value]) => ` ${key}=${detail(value)}`);
  return [
    { text: sanitise(String(time ?? ''), 40), style: 'dim' },
    ' ',
    known.style ? { text: name, style: known.style } : name,
    ' ',
    sanitise(String(msg ?? ''), LINE_LIMIT),
    { text: sanitise(details.join(''), LINE_LIMIT).replace(/^/u, ' ').trimEnd(), style: 'dim' },
  ];
}

function detail(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
