/** The password of this run in the user's keyring, for hosts that take no keys. */
import { HotdeskError } from '../../kernel/errors.ts';
import { accountOf } from '../../ssh/ssh.ts';
import { changesOf, type Place, type Visit } from '../deps.ts';

/** @throws HotdeskError `command-failed` when the keyring does not keep it */
export async function keepPassword(visit: Visit, place: Place): Promise<void> {
  const { secrets } = visit.deps;
  const { password } = visit;
  if (!secrets || password === undefined) throw new HotdeskError('internal', 'There is no password to keep.');
  const account = accountOf(place.resolved);
  await changesOf(visit, place, 'key').make(
    { kind: 'secret', ...account },
    async () => {
      if (!(await secrets.set(account, password))) {
        throw new HotdeskError('command-failed', 'The keyring did not keep the password.', {
          hint: 'Is it locked? Unlock it in the desktop’s own program for passwords.',
        });
      }
    },
    () => secrets.delete(account),
  );
  visit.passwordKept = true;
  visit.password = undefined;
}
