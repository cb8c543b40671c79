/** Who is asked for passwords, passphrases and codes while the wizard runs. */
import { cancelled } from '../../kernel/abort.ts';
import type { SetupDeps } from '../../wizard/deps.ts';
import type { Line } from '../../wizard/wizard.ts';
import type { Talk } from './talk.ts';

export type Asker = NonNullable<SetupDeps['prompter']>;
type Request = Parameters<Asker['ask']>[0];

/** Longest piece of a server's own words, in lines. */
const SAID = 20;

/**
 * Asks at the terminal.
 * @param stop called when the person stops: the run ends there, with no further question
 */
export function talkingPrompter(
  talk: Talk,
  lend: <T>(work: () => Promise<T>) => Promise<T>,
  stop: () => void,
): Asker {
  // One question at a time: a jump host and what is behind it may both have one.
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask: (request, signal) => {
      const turn = last.then(() => lend(() => converse(request, signal)));
      last = turn.catch(() => {});
      return turn;
    },
  };

  async function converse(request: Request, signal: AbortSignal): Promise<readonly string[]> {
    talk.lines(saidBefore(request));
    const answers: string[] = [];
    for (const { prompt, echo } of request.prompts) {
      const text = prompt.replace(/\s*:?\s*$/u, '') || request.title;
      const answer = echo ? await talk.text({ text, default: '' }, signal) : await talk.secret(text, signal);
      if (answer === undefined) {
        if (!signal.aborted) stop();
        throw cancelled(signal);
      }
      answers.push(answer);
    }
    return answers;
  }
}

/** What there is to know before answering: whose question, the server's words, how many tries are left. */
export function saidBefore(request: Request): Line[] {
  const { title, instruction, serverMessage, attempt, attempts } = request;
  const words = (text: string | undefined, kind: Line['kind']): Line[] =>
    (text ?? '')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(0, SAID)
      .map((line) => ({ kind, text: line }));
  const isAgain = attempt > 1;
  const left = isAgain ? ` (try ${attempt} of ${attempts})` : '';
  const said = serverMessage || (isAgain ? 'That was not accepted.' : '');
  return [
    ...words(said, isAgain ? 'warning' : 'fact'),
    { kind: 'text', text: `${title}${left}` },
    ...words(instruction, 'fact'),
  ];
}

/** The password that was given beforehand, once, and for the host that was meant: it is not tried at a jump host. */
export function givenPassword(password: string): Asker {
  return {
    ask: async ({ kind, on, prompts, attempt }) => {
      const [only, ...more] = prompts;
      const isPassword =
        kind === 'password' || (kind === 'keyboard-interactive' && only?.echo === false && more.length === 0);
      return isPassword && attempt === 1 && on === undefined ? [password] : undefined;
    },
  };
}
