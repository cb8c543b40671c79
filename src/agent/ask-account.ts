/** Asks for the password of the user's account on a host, where a backend lets nobody in without. */
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { Host } from '../model/host.ts';
import type { Machine } from '../model/machine.ts';
import type { Profile } from '../model/profile.ts';
import type { Prompter } from '../ssh/ssh.ts';

/** Longest password that is passed on, in characters. */
const LIMIT = 256;

/** The user's names on machines. */
const users = new WeakMap<Machine, string>();

/**
 * The password, which is kept nowhere.
 * @param prompter undefined: there is nobody to ask
 * @throws HotdeskError `auth-failed`: nobody answered; `bad-argument`: no password can look like that
 */
export async function askAccount(
  { name, asks }: Pick<Profile, 'name' | 'asks'>,
  machine: Machine,
  host: Host,
  prompter: Prompter | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (!prompter) {
    throw new HotdeskError(
      'auth-failed',
      `${name} sessions of ${host.name} want a password, and nobody can be asked for it.`,
      { hint: 'Open it at that desktop, or by a command in a terminal there.' },
    );
  }
  const user = await userOf(machine, signal);
  const answers = await prompter.ask(
    {
      kind: 'password',
      host: host.name,
      user,
      // Of no SSH server, so that it is no question of one.
      port: 0,
      title: `${asks?.password ?? name} wants the password of ${user} on ${host.name}`,
      instruction: '',
      prompts: [{ prompt: `Password of ${user}@${host.name} for ${asks?.password ?? name}:`, echo: false }],
      attempt: 1,
      attempts: 1,
    },
    signal,
  );
  const password = answers?.[0] ?? '';
  if (password === '') {
    throw new HotdeskError('auth-failed', `No password was given for ${user} on ${host.name}.`);
  }
  if (password.length > LIMIT || hasControl(password)) {
    throw new HotdeskError('bad-argument', 'That cannot be a password: it is too long, or no text.');
  }
  return password;
}

/** Asked once for a connection. */
async function userOf(machine: Machine, signal: AbortSignal): Promise<string> {
  const known = users.get(machine);
  if (known !== undefined) return known;
  const { stdout } = await machine.exec(['id', '-un'], { signal });
  const user = sanitise(stdout.toString('utf8').trim(), 60);
  users.set(machine, user);
  return user;
}

/** It is written as one line. */
function hasControl(text: string): boolean {
  return [...text].some((char) => char < ' ' || char === '\u007f');
}
