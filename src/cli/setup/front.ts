/** Who a run talks with: a person at a terminal, or a script that has said everything beforehand. */
import { HotdeskError } from '../../kernel/errors.ts';
import type { SetupDeps } from '../../wizard/deps.ts';
import type { Answers, Line, View } from '../../wizard/wizard.ts';
import type { Run } from '../shell.ts';
import { agentCalls } from './agent-calls.ts';
import { DrawnTalk } from './drawn.ts';
import type { SetupFlags } from './flags.ts';
import { lentTerminal } from './lend.ts';
import { LineReader } from './line-reader.ts';
import { PlainTalk } from './plain.ts';
import { type Asker, givenPassword, talkingPrompter } from './prompter.ts';
import type { Results } from './results.ts';
import { ScriptedView } from './scripted-view.ts';
import type { Talk } from './talk.ts';
import { TerminalView } from './terminal-view.ts';

/** What the wizard needs of a view. */
export type ViewDeps = Pick<SetupDeps, 'prompter' | 'terminal' | 'agent'>;

export interface Front {
  readonly view: View;
  readonly deps: ViewDeps;
  told(lines: readonly Line[]): void;
  progress(text: string): void;
  /** Takes what goes on off the terminal. */
  clear(): void;
  /** The last words. */
  end(text: string): void;
}

export interface FrontParts {
  /** The first words. */
  readonly title: string;
  readonly given: Answers;
  readonly results: Results;
  /** Called when the person stops in the middle of something. */
  readonly stopped: () => void;
}

/** @throws HotdeskError `bad-argument` where a password was to come by standard input and did not */
export async function frontOf(run: Run, flags: SetupFlags, parts: FrontParts): Promise<Front> {
  const says = flags.json || flags.yes || flags.passwordStdin;
  return says || !run.console.isInteractive
    ? await scripted(run, flags, parts)
    : talking(run, talkOf(run, flags), parts);
}

async function scripted(run: Run, flags: SetupFlags, { given, results }: FrontParts): Promise<Front> {
  const say = (text: string) => run.console.note(text);
  return {
    view: new ScriptedView(given, flags.yes === true, results, say),
    deps: {
      prompter: flags.passwordStdin ? await passwordFrom(run) : undefined,
      agent: agentCalls(run),
    },
    told: (lines) => {
      for (const { text } of lines) say(text);
    },
    progress: (text) => run.console.verbose(text),
    clear: () => {},
    end: (text) => {
      for (const line of text.split('\n')) say(line);
    },
  };
}

function talking(run: Run, talk: Talk, { title, given, results, stopped }: FrontParts): Front {
  const asCalled = (hint: string) => run.console.hint(hint);
  const view = new TerminalView({ talk, results, given, asCalled });
  const lend = <T>(work: () => Promise<T>) => view.lend(work);
  talk.begin(title);
  return {
    view,
    deps: {
      prompter: talkingPrompter(talk, lend, stopped),
      agent: agentCalls(run),
      terminal: lentTerminal(run, lend),
    },
    told: (lines) => {
      talk.clear();
      talk.lines(lines);
    },
    progress: (text) => talk.progress(text),
    clear: () => talk.clear(),
    end: (text) => talk.end(asCalled(text)),
  };
}

/** Plain where it is asked for, and where a terminal can do no more. */
function talkOf({ shell, console }: Run, { plain }: SetupFlags): Talk {
  const { env, streams } = shell;
  const isPlain = plain || env.TERM === 'dumb' || !['', '0', 'false'].includes(env.ACCESSIBLE ?? '');
  return isPlain ? new PlainTalk(streams) : new DrawnTalk(streams, console.colourful);
}

/** The first line of standard input. */
async function passwordFrom(run: Run): Promise<Asker> {
  const { stdin } = run.shell.streams;
  const lines = new LineReader(stdin);
  const { signal } = run.interrupt;
  const password = await (stdin.isTTY ? lines.hidden(signal) : lines.line(signal));
  if (password) return givenPassword(password);
  throw new HotdeskError('bad-argument', '--password-stdin found no password on standard input.', {
    hint: 'For example: pass show alpha | hotdesk setup alpha --password-stdin --yes',
  });
}
