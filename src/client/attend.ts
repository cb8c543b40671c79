/** Answers what the agent asks on behalf of this view's calls. */
import { toHotdeskError } from '../kernel/errors.ts';
import type { PromptData } from '../protocol/api.ts';
import type { Client } from './client.ts';

export interface AttendDeps {
  /** The answers, one for each prompt; undefined when the person gives none. The signal ends the question. */
  ask(prompt: PromptData, signal: AbortSignal): Promise<readonly string[] | undefined>;
  /** It could not be asked. */
  onFailure(why: string): void;
}

/** From now on the agent may ask; one question at a time. */
export function attend(client: Client, deps: AttendDeps): void {
  const open = new Map<string, AbortController>();
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
    try {
      const answers = await deps.ask(prompt, controller.signal);
      if (controller.signal.aborted || client.closed) return;
      if (answers) await client.call('prompts.answer', { id: prompt.id, answers: [...answers] });
      // One that is not asked any more needs no refusal.
      else await client.call('prompts.cancel', { id: prompt.id }).catch(() => {});
    } catch (error) {
      deps.onFailure(toHotdeskError(error).message);
      client.call('prompts.cancel', { id: prompt.id }).catch(() => {});
    } finally {
      open.delete(prompt.id);
    }
  };
}
