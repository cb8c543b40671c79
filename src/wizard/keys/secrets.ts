import type { SecretStore } from '../../ssh/ssh.ts';
import type { SetupDeps } from '../deps.ts';

/** The user's keyring, for who makes the wizard; undefined where the desktop has none. */
export async function secretsHere({
  env,
  paths,
}: Pick<SetupDeps, 'env' | 'paths'>): Promise<SecretStore | undefined> {
  const { findKeyring } = await import('../../platform/keyring.ts');
  return findKeyring({ env, stateDir: paths.stateDir });
}
