/** A keyring in memory, by the text of the account. */
import type { Keyring } from '../../../src/platform/keyring.ts';

export function fakeKeyring(kept = new Map<string, string>()) {
  const asked: boolean[] = [];
  const secrets: Pick<Keyring, 'get' | 'set' | 'delete'> = {
    get: async (account, mayAsk) => {
      asked.push(mayAsk);
      return kept.get(JSON.stringify(account));
    },
    set: async (account, secret) => {
      kept.set(JSON.stringify(account), secret);
      return true;
    },
    delete: async (account) => kept.delete(JSON.stringify(account)),
  };
  return { secrets, kept, asked };
}
