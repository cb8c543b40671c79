/** The keyring as the agent uses it: loaded with the first password that may be in it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../kernel/log.ts';
import type { Keyring } from '../platform/keyring.ts';

export interface SecretsDeps {
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

export function secretsOf({ stateDir, env, log }: SecretsDeps): Keyring {
  let loading: Promise<Keyring> | undefined;
  const load = () => {
    loading ??= import('../platform/keyring.ts').then(({ keyring }) =>
      keyring({ stateDir, env, onTrouble: (message) => log.warn({}, message) }),
    );
    return loading;
  };
  return {
    get: async (account, mayAsk) => (await load()).get(account, mayAsk),
    set: async (account, secret) => (await load()).set(account, secret),
    delete: async (account) => (await load()).delete(account),
    keepOnly: async (hosts) => {
      // Its list: without, nothing is kept.
      if (existsSync(join(stateDir, 'keyring.json'))) await (await load()).keepOnly(hosts);
    },
  };
}
