/** Registers a command with the agent as one that can be asked for passwords, and answers. */
import { closeSync, constants, openSync } from 'node:fs';
import { attend as answerPrompts } from '../client/attend.ts';
import type { Client } from '../client/client.ts';
import type { Method } from '../protocol/api.ts';
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
  'migrate',
  'detach',
  'stop',
  'rename',
  'info',
  'thumbnail',
  'execInto',
  'profiles.test',
  'terminal.open',
  'console.open',
  'console.host',
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
  answerPrompts(client, {
    ask: async (prompt, signal) => {
      const { askPerson } = await import('./prompting/prompting.ts');
      const release = deps.hold();
      try {
        return await askPerson(answerer, deps.env, prompt, signal);
      } finally {
        release();
      }
    },
    onFailure: deps.warn,
  });
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}
