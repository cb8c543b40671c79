/** One use of a password: the kept one, and the one that somebody is asked for where that is wrong or there is none. */
import { orAbort } from '../../kernel/abort.ts';
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import type { KeptPassword } from './kept.ts';

export interface PasswordSources {
  /** Undefined: nothing is kept of that account. */
  readonly kept: KeptPassword | undefined;
  /** Whether there is somebody to ask. */
  readonly canAsk: boolean;
  /** That is somebody at another machine: the desktop here is not to ask, and nothing of it is kept here. */
  readonly isElsewhere?: boolean;
  /** @param before what is to be said first, or '' @throws HotdeskError `auth-failed`: nobody answered */
  ask(before: string): Promise<string>;
  /** The account, for people. */
  readonly who: string;
  readonly signal: AbortSignal;
  report(text: string): void;
}

const FORGOTTEN = 'The password in the keyring was not taken, and is forgotten.';

/**
 * Runs `use` with the password. A kept one that it refuses (`auth-failed`) is forgotten, and `use` runs once
 * more with what somebody is asked for; that is kept once it was taken.
 * @throws HotdeskError what `use` throws; `auth-failed`
 */
export async function withKept<T>(
  sources: PasswordSources,
  use: (password: string) => Promise<T>,
): Promise<T> {
  const { kept, who, signal } = sources;
  const secret = kept && (await orAbort(kept.get(sources.canAsk && !sources.isElsewhere), signal));
  if (kept === undefined || secret === undefined) return withAsked(sources, '', use);
  try {
    return await use(secret);
  } catch (error) {
    if (toHotdeskError(error).code !== 'auth-failed') throw error;
    await kept.forget();
    if (!sources.canAsk) {
      throw new HotdeskError(
        'auth-failed',
        `The password of ${who} in the keyring was not taken, and is forgotten.`,
        { hint: 'Do it again in a terminal, which asks for the password.', cause: error },
      );
    }
    sources.report(FORGOTTEN);
    return withAsked(sources, `${FORGOTTEN} `, use);
  }
}

async function withAsked<T>(
  { ask, kept, isElsewhere }: PasswordSources,
  before: string,
  use: (password: string) => Promise<T>,
): Promise<T> {
  const secret = await ask(before);
  const result = await use(secret);
  // A desktop may ask for the keyring's password first: nobody waits for that.
  if (!isElsewhere) void kept?.keep(secret);
  return result;
}
