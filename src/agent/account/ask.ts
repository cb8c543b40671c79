/** Asks for the password of the user's account on a host, where a backend lets nobody in without. */
import { HotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import type { Prompter } from '../../ssh/ssh.ts';

/** Longest password that is passed on, in characters. */
const LIMIT = 256;

export interface AccountQuestion {
  readonly user: string;
  /** Name of the host. */
  readonly host: string;
  /** What wants it: a program, or a profile. */
  readonly what: string;
  /** Name of the machine that it is handed to, where that is another than this one. */
  readonly to?: string | undefined;
  /** Said before the question, with a space after it; or ''. */
  readonly before?: string | undefined;
}

/**
 * The password.
 * @param prompter undefined: there is nobody to ask
 * @throws HotdeskError `auth-failed`: nobody answered; `bad-argument`: no password can look like that
 */
export async function askAccount(
  { user, host, what, to, before = '' }: AccountQuestion,
  prompter: Prompter | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (!prompter) {
    throw new HotdeskError(
      'auth-failed',
      `${what} on ${host} wants the password of ${user}, and nobody can be asked for it.`,
      {
        hint: 'Do it by a command in a terminal, which asks for it, or at that desktop itself; or let its keyring keep it (`keepPasswords`).',
      },
    );
  }
  const forWhom = to === undefined ? '' : `, handed to ${to}`;
  const answers = await prompter.ask(
    {
      kind: 'password',
      host,
      user,
      // Of no SSH server, so that it is no question of one.
      port: 0,
      title: `${what} wants the password of ${user} on ${host}${forWhom}`,
      instruction: '',
      prompts: [{ prompt: `${before}Password of ${user}@${host} for ${what}${forWhom}:`, echo: false }],
      attempt: 1,
      attempts: 1,
    },
    signal,
  );
  const password = answers?.[0] ?? '';
  if (password === '') {
    throw new HotdeskError('auth-failed', `No password was given for ${user} on ${host}.`);
  }
  if (password.length > LIMIT || hasControl(password)) {
    throw new HotdeskError('bad-argument', 'That cannot be a password: it is too long, or no text.');
  }
  return password;
}

/** A user's name as another machine says it. */
export function userName(text: string): string {
  return sanitise(text.trim(), 60);
}

/** It is written as one line. */
function hasControl(text: string): boolean {
  return [...text].some((char) => char < ' ' || char === '\u007f');
}
