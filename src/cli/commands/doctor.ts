import type { Command } from 'commander';
import { EXIT, toHotdeskError } from '../../kernel/errors.ts';
import { displayWidth, sanitise } from '../../kernel/text.ts';
import type { Check } from '../../protocol/api.ts';
import type { Flags } from '../console.ts';
import { localChecks } from '../local-checks.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import type { Span, Style } from '../style.ts';

export function declare(program: Command, shell: Shell): void {
  const doctor = common(program.command('doctor'))
    .description('Say what stands in the way, and what cures it')
    .argument('[host]', 'between this machine and that host')
    .action((host: string | undefined, flags: Flags) => command(shell, flags, (run) => examine(run, host)));
  examples(doctor, [
    ['hotdesk doctor', 'this machine'],
    ['hotdesk doctor alpha', 'the way to alpha, step by step'],
  ]);
}

/** Exit code 0 only if nothing failed. */
async function examine(run: Run, host: string | undefined): Promise<void> {
  const checks = await collect(run, host);
  if (run.console.flags.json) run.console.json({ checks });
  else run.console.lines(checkLines(checks, (hint) => run.console.hint(hint)));
  if (checks.some((check) => check.state === 'failed')) run.shell.exitCode = EXIT.system;
}

/** Without an agent there is still what can be seen from here; a host that nobody knows is an error. */
async function collect(run: Run, host: string | undefined): Promise<Check[]> {
  const local = localChecks(run.shell);
  try {
    await run.connect();
  } catch (thrown) {
    const { code, message, hint } = toHotdeskError(thrown);
    if (code === 'cancelled') throw thrown;
    return [{ name: 'agent', state: 'failed', detail: message, ...(hint ? { hint } : {}) }, ...local];
  }
  const { checks } = await run.call(
    'doctor',
    host === undefined ? {} : { host },
    host ? `examining the way to ${host}` : 'examining',
  );
  // What the agent says covers the rest of what can be seen from here.
  return [...local.filter((check) => check.state === 'failed'), ...checks];
}

const STATES: Readonly<Record<Check['state'], { text: string; style?: Style }>> = {
  ok: { text: 'ok', style: 'green' },
  warning: { text: 'warning', style: 'yellow' },
  failed: { text: 'FAILED', style: 'red' },
  skipped: { text: 'skipped', style: 'dim' },
};

/** A line a check, with its cure below it: nothing of either is cut. */
export function checkLines(checks: readonly Check[], asCalled: (hint: string) => string): Span[][] {
  const width = Math.max(0, ...checks.map((check) => displayWidth(sanitise(check.name, 40))));
  return checks.flatMap((check) => {
    const name = sanitise(check.name, 40);
    const { text, style } = STATES[check.state];
    const padded = text.padEnd(8);
    const line: Span[] = [
      style ? { text: padded, style } : padded,
      name,
      ' '.repeat(width - displayWidth(name) + 2),
      sanitise(check.detail, 600),
    ];
    const isCure = check.hint !== undefined && check.state !== 'ok';
    return isCure
      ? [line, [`${' '.repeat(8 + width + 2)}→ ${asCalled(sanitise(check.hint ?? '', 600))}`]]
      : [line];
  });
}
