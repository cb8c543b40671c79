/**
 * Asks by a program: that of SSH_ASKPASS (ssh(1), ENVIRONMENT), or one that shows a window. The question is
 * among its arguments, the answer the first line that it prints.
 */
import { spawn } from 'node:child_process';
import { HotdeskError } from '../../kernel/errors.ts';
import type { PromptData } from '../../protocol/api.ts';
import { preamble, question } from './words.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Longest answer, in bytes. */
const LIMIT = 4096;

/** argv of a program that asks. @param echo whether what is typed may be seen */
export type AskingProgram = (text: string, echo: boolean) => readonly string[];

/** What SSH_ASKPASS names. */
export function askpass(program: string): AskingProgram {
  return (text) => [program, text];
}

/**
 * The answers, one program run for each; undefined when the person gives none.
 * @throws HotdeskError `command-missing`
 */
export async function askByProgram(
  program: AskingProgram,
  env: Env,
  prompt: PromptData,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const answers: string[] = [];
  for (const [index, { echo }] of prompt.prompts.entries()) {
    const text = [...preamble(prompt), question(prompt, index)].join('\n');
    const answer = await run(program(text, echo), env, signal);
    if (answer === undefined) return undefined;
    answers.push(answer);
  }
  return answers;
}

function run(argv: readonly string[], env: Env, signal: AbortSignal): Promise<string | undefined> {
  const [program = '', ...args] = argv;
  // SSH_ASKPASS_PROMPT is for yes or no, and for notices: neither is asked here.
  const { SSH_ASKPASS_PROMPT: _, ...rest } = env;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: rest, stdio: ['ignore', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    let size = 0;
    const onAbort = () => child.kill();
    const settle = (end: () => void) => {
      signal.removeEventListener('abort', onAbort);
      end();
    };
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LIMIT) child.kill();
      else chunks.push(chunk);
    });
    child.once('error', (cause) =>
      settle(() =>
        reject(
          new HotdeskError('command-missing', `${program} cannot be run to ask for a password.`, {
            cause,
            hint: 'Install ssh-askpass, run this in a terminal, or unset SSH_ASKPASS.',
          }),
        ),
      ),
    );
    child.once('close', (code) => {
      const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/u);
      settle(() => resolve(code === 0 && size <= LIMIT && !signal.aborted ? line : undefined));
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
