/** Registers a command with the agent as one that can be asked for passwords, and answers. */
import { closeSync, constants, openSync } from 'node:fs';
import type { Client } from '../client/client.ts';
import { toHotdeskError } from '../kernel/errors.ts';
import type { Method, PromptData } from '../protocol/api.ts';
import { answererOf } from './prompting/answerer.ts';

export interface AttendDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes what is being shown off the terminal; the answer puts it back. */
  hold(): () => void;
  warn(text: string): void;
}

/** What a person does with a host, who can then be asked for its password. */
const WITH_HOST: ReadonlySet<Method> = new Set<Method>([
  'start',
  'attach',
  'move',
  'detach',
  'stop',
  'info',
  'thumbnail',
  'execInto',
  'terminal.open',
  'apps.list',
  'trust.scan',
  'trust.record',
]);

/** Whether a call may come to a host that wants a password: these, and looks at a host that the user named. */
export function mayAsk(method: Method, params: object): boolean {
  if (WITH_HOST.has(method)) return true;
  return (method === 'catalogue' || method === 'doctor') && 'host' in params && params.host !== undefined;
}

/** From now on the agent may ask; nothing happens where nobody could answer. */
export function attend(client: Client, deps: AttendDeps): void {
  const answerer = answererOf(deps.env, hasTerminal);
  if (answerer.kind === 'nobody') return;
  const open = new Map<string, AbortController>();
  // One after the other: there is one terminal.
  let turn = Promise.resolve();
  client.on('prompt', (prompt) => {
    open.set(prompt.id, new AbortController());
    turn = turn.then(() => answer(prompt));
  });
  client.on('prompt.end', ({ id }) => open.get(id)?.abort());
  client.onClose(() => {
    for (const controller of open.values()) controller.abort();
  });
  // Not waited for: the agent takes requests in the order in which they come.
  client.call('prompts.attend', {}).catch(() => {});

  const answer = async (prompt: PromptData) => {
    const controller = open.get(prompt.id);
    if (!controller || controller.signal.aborted) {
      open.delete(prompt.id);
      return;
    }
    const release = deps.hold();
    try {
      const { askPerson } = await import('./prompting/prompting.ts');
      const answers = await askPerson(answerer, deps.env, prompt, controller.signal);
      if (controller.signal.aborted || client.closed) return;
      if (answers) await client.call('prompts.answer', { id: prompt.id, answers: [...answers] });
      else await client.call('prompts.cancel', { id: prompt.id });
    } catch (error) {
      deps.warn(toHotdeskError(error).message);
      client.call('prompts.cancel', { id: prompt.id }).catch(() => {});
    } finally {
      open.delete(prompt.id);
      release();
    }
  };
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}
