/** Answers what the agent asks on behalf of a command. A bundle of its own: most commands are asked nothing. */

import { askByProgram, askpass } from '../../client/prompting/askpass.ts';
import type { PromptData } from '../../protocol/api.ts';
import type { Answerer } from './answerer.ts';
import { askOnTerminal } from './terminal.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The answers; undefined when the person gives none. @throws HotdeskError `command-missing` */
export function askPerson(
  answerer: Answerer,
  env: Env,
  prompt: PromptData,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  switch (answerer.kind) {
    case 'terminal':
      return askOnTerminal(prompt, signal);
    case 'askpass':
      return askByProgram(askpass(answerer.program), env, prompt, signal);
    case 'nobody':
      return Promise.resolve(undefined);
  }
}
