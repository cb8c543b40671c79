/** A password that has expired, and must be changed before anything else (RFC 4252 §8). */
import type { Client } from 'ssh2';
import { type Asker, linesOf } from './asker.ts';
import { beforeChange } from './internals.ts';

/** How often the two new ones may differ. */
const TRIES = 3;

/**
 * The new password, to be sent at once; undefined when nobody gives one.
 * @param request the server's words (SSH_MSG_USERAUTH_PASSWD_CHANGEREQ)
 */
export async function changePassword(
  client: Client,
  oldPassword: string,
  request: string,
  asker: Asker,
): Promise<string | undefined> {
  const password = await askNew(asker, linesOf(request));
  if (password !== undefined) beforeChange(client, oldPassword);
  return password;
}

/** Asks for a new password, twice. */
async function askNew(asker: Asker, instruction: string): Promise<string | undefined> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const answers = await asker.ask({
      kind: 'new-password',
      title: `The password of ${asker.who} has expired`,
      instruction,
      prompts: [
        { prompt: 'New password:', echo: false },
        { prompt: 'New password again:', echo: false },
      ],
      attempt,
      attempts: TRIES,
      ...(attempt > 1 ? { serverMessage: 'The two were not the same.' } : {}),
    });
    if (!answers) return undefined;
    const [first = '', second] = answers;
    if (first !== '' && first === second) return first;
  }
  return undefined;
}
