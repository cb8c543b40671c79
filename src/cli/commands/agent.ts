import type { Command } from 'commander';
import { EXIT, HotdeskError } from '../../kernel/errors.ts';
import { statusRows, stopAgent } from '../agent-control.ts';
import { showLog } from '../agent-log.ts';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';

export function declare(program: Command, shell: Shell): void {
  const agent = program
    .command('agent')
    .description("Look after this user's agent: the process that finds hosts and keeps the connections");
  agent
    .command('run')
    .description('Run the agent in the foreground (for service managers)')
    .action(async () => {
      // bin/hotdesk.js takes a shorter way to the same program.
      await import('../../agent/main.ts');
    });
  common(agent.command('start'))
    .description('Start it in the background, if it does not run')
    .action((flags: Flags) => command(shell, flags, start));
  common(agent.command('stop'))
    .description('End it; sessions go on')
    .action((flags: Flags) => command(shell, flags, stop));
  common(agent.command('status'))
    .description('Say how it is')
    .action((flags: Flags) => command(shell, flags, status));
  common(agent.command('log'))
    .description('Print its log')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('-n, --lines <n>', 'how many lines', '50')
    .action((flags: Flags & { follow?: boolean; lines: string }) =>
      command(shell, flags, (run) =>
        showLog(run, { count: lineCount(flags.lines), follow: flags.follow ?? false }),
      ),
    );
  examples(agent, [
    ['hotdesk agent status', ''],
    ['hotdesk agent log -f', 'what it does, as it does it'],
    ['hotdesk agent stop', 'sessions go on; the next command starts it again'],
  ]);
}

function lineCount(text: string): number {
  if (/^\d{1,6}$/u.test(text)) return Number(text);
  throw new HotdeskError('bad-argument', `“${text}” is no number of lines.`);
}

async function start(run: Run): Promise<void> {
  let pid: number | undefined;
  await run.connect({
    onStart: (started) => {
      pid = started;
    },
  });
  const now = await run.call('status', {}, 'asking the agent');
  if (run.console.flags.json) run.console.json({ started: pid === now.pid, status: now });
  else
    run.console.print(
      pid === now.pid ? `The agent runs now (pid ${now.pid}).` : `The agent runs already (pid ${now.pid}).`,
    );
}

async function stop(run: Run): Promise<void> {
  const wasRunning = await stopAgent(run);
  if (run.console.flags.json) run.console.json({ stopped: wasRunning });
  else run.console.print(wasRunning ? 'The agent has ended; sessions go on.' : 'No agent was running.');
}

async function status(run: Run): Promise<void> {
  try {
    await run.connect({ start: 'never' });
  } catch (error) {
    if (!(error instanceof HotdeskError) || error.code !== 'agent-unavailable') throw error;
    if (run.console.flags.json) run.console.json({ running: false });
    else run.console.print('No agent is running. The next command starts one, or: hotdesk agent start');
    run.shell.exitCode = EXIT.system;
    return;
  }
  const now = await run.call('status', {}, 'asking the agent');
  if (run.console.flags.json) {
    run.console.json({ running: true, status: now });
    return;
  }
  for (const [name, value] of statusRows(now))
    run.console.print({ text: name.padEnd(13), style: 'bold' }, value);
  for (const problem of now.problems) {
    run.console.print(
      { text: 'problem'.padEnd(13), style: 'yellow' },
      `${problem.message} ${problem.hint ?? ''}`,
    );
  }
}
