/** The password that the user has had kept. Tried without asking anybody, so in the background too. */
import type { ResolvedTarget } from '../target.ts';
import type { Asker } from './asker.ts';
import { type Account, accountOf, type SecretStore } from './auth.ts';
import type { AuthProvider, Offer } from './provider.ts';

const LABEL = 'the password in the keyring';

export class KeyringProvider implements AuthProvider {
  readonly method = 'password';
  readonly #secrets: SecretStore;
  /** Accounts that did not take theirs: not tried again in the background, so that nothing gets locked. */
  readonly #refused = new Set<string>();

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  async offers(target: ResolvedTarget, asker: Asker): Promise<Offer> {
    const account = accountOf(target);
    const isRefused = this.#refused.has(textOf(account));
    if (!target.passwords || (isRefused && !asker.canAsk)) return { credentials: [], notes: [] };
    const ask = async () => {
      const secret = await asker.waiting(() => this.#secrets.get(account, asker.canAsk));
      // Until `accepted`.
      if (secret !== undefined) this.#refused.add(textOf(account));
      return secret;
    };
    return { credentials: [{ kind: 'password', label: LABEL, repeats: false, ask }], notes: [] };
  }

  /** A password of this account was taken: if it is this one, it may be used again. */
  accepted(account: Account, label: string): void {
    if (label === LABEL) this.#refused.delete(textOf(account));
  }
}

function textOf({ user, host, port }: Account): string {
  return JSON.stringify([user, host, port]);
}
