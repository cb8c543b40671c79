/**
 * The password of the user's account on a host whose backend lets nobody in without. Loaded when one is wanted.
 */
import type { Host } from '../../model/host.ts';
import type { Machine } from '../../model/machine.ts';
import type { Profile } from '../../model/profile.ts';
import { type Prompter, targetOf } from '../../ssh/ssh.ts';
import { ownNames } from '../own-names.ts';
import { askAccount, userName } from './ask.ts';
import { type Keeping, keptPassword } from './kept.ts';
import { withKept } from './with-password.ts';

export { askAccount, userName } from './ask.ts';

/** Who wants a password, and of whom. */
export interface Wanted {
  readonly profile: Pick<Profile, 'name' | 'asks'>;
  /** Connected: who it is has been checked. */
  readonly machine: Machine;
  readonly host: Host;
  readonly keeping: Keeping;
  /** Undefined: there is nobody to ask. */
  readonly prompter: Prompter | undefined;
  /** The prompter stands for somebody at another machine: nothing of it is kept here, no desktop is asked. */
  readonly isElsewhere: boolean;
  readonly signal: AbortSignal;
  report(text: string): void;
}

/** The user's names on machines. */
const users = new WeakMap<Machine, string>();

/**
 * Runs `use` with the password, twice at most: see withKept.
 * @throws HotdeskError what `use` throws; `auth-failed`: nobody answered; `bad-argument`: no password looks like that
 */
export async function withAccount<T>(wanted: Wanted, use: (password: string) => Promise<T>): Promise<T> {
  const { machine, host, prompter, isElsewhere, signal, report } = wanted;
  const user = await userOf(machine, signal);
  const what = wanted.profile.asks?.password ?? wanted.profile.name;
  const names = namesOf(wanted);
  // This machine is the one whose keyring it is.
  const fingerprint = machine.isLocal ? 'here' : machine.fingerprint;
  return withKept(
    {
      kept: keptPassword(wanted.keeping, { user, names, port: 0, fingerprint }),
      canAsk: prompter !== undefined,
      isElsewhere,
      ask: (before) => askAccount({ user, host: host.name, what, before }, prompter, signal),
      who: `${user}@${host.name}`,
      signal,
      report,
    },
    use,
  );
}

function namesOf({ machine, host, keeping }: Wanted): readonly string[] {
  if (machine.isLocal) return [host.name];
  return ownNames(targetOf(host).name, host.sshName, keeping.settings().hosts);
}

/** Asked once for a connection. */
async function userOf(machine: Machine, signal: AbortSignal): Promise<string> {
  const known = users.get(machine);
  if (known !== undefined) return known;
  const { stdout } = await machine.exec(['id', '-un'], { signal });
  const user = userName(stdout.toString('utf8'));
  users.set(machine, user);
  return user;
}
