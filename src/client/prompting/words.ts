/** A question as it is put to a person. The agent has made its text safe; it is made so here once more. */
import { fit as clip, sanitise } from '../../kernel/text.ts';
import type { PromptData } from '../../protocol/api.ts';

const COLUMNS = 200;

/** What stands above the prompts. A server's own words are marked as such, so that none can pass for ours. */
export function preamble(prompt: PromptData): string[] {
  const { attempt, attempts, host, kind, on } = prompt;
  const lines: string[] = [];
  if (on !== undefined) lines.push(`${clean(host)} is on the way to ${clean(on)}.`);
  if (kind === 'new-password') lines.push(`${clean(prompt.title)}.`);
  if (attempt > 1) lines.push(`That was not right: try ${attempt} of ${attempts}.`);
  const said = kind === 'new-password' ? [prompt.instruction] : [prompt.serverMessage, prompt.instruction];
  if (kind === 'new-password' && prompt.serverMessage) lines.push(clean(prompt.serverMessage));
  for (const text of said) {
    for (const line of (text ?? '').split('\n'))
      if (line !== '') lines.push(`${clean(host)} says: ${clean(line)}`);
  }
  return lines;
}

/** One prompt's own text, without a space after it. */
export function question(prompt: PromptData, index: number): string {
  const text = clean(prompt.prompts[index]?.prompt ?? '');
  // The server's words: whose they are goes before them, as in ssh.
  if (prompt.kind === 'keyboard-interactive') return `(${clean(`${prompt.user}@${prompt.host}`)}) ${text}`;
  return text;
}

function clean(text: string): string {
  return clip(sanitise(text), COLUMNS);
}
