/** Passwords of logins by RDP that the user wants kept: by the setting, each for one host with one key. */
import type { Keyring } from '../../platform/keyring.ts';
import type { Settings } from '../../platform/settings-schema.ts';
import { listedAs } from '../own-names.ts';

/** Where passwords are kept, and whose. */
export interface Keeping {
  readonly secrets: Pick<Keyring, 'get' | 'set' | 'delete'>;
  settings(): Pick<Settings, 'keepPasswords' | 'hosts'>;
}

/** The place of one password. As a keyring, it never throws. */
export interface KeptPassword {
  get(mayAsk: boolean): Promise<string | undefined>;
  keep(secret: string): Promise<unknown>;
  forget(): Promise<unknown>;
}

export interface Login {
  readonly user: string;
  /** The names of the host that are the user's to give. */
  readonly names: readonly string[];
  /** 0 where SSH leads there. */
  readonly port: number;
  /** Of the key or certificate that it has just proved to have; undefined: it proved nothing. */
  readonly fingerprint: string | undefined;
}

/** Undefined: the setting does not name that host, or nobody knows whether it is that host. */
export function keptPassword(
  { secrets, settings }: Keeping,
  { user, names, port, fingerprint: rdp }: Login,
): KeptPassword | undefined {
  const host = listedAs(settings().keepPasswords, names);
  if (host === undefined || rdp === undefined) return undefined;
  const account = { user, host, port, rdp };
  return {
    get: (mayAsk) => secrets.get(account, mayAsk),
    keep: (secret) => secrets.set(account, secret),
    forget: () => secrets.delete(account),
  };
}
