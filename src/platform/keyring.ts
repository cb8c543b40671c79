/**
 * Passwords that the user has had kept, in the keyring of the desktop (Secret Service of freedesktop.org),
 * by @napi-rs/keyring (loaded on first use: 4 MB). A list beside says for which accounts there is
 * one, without the password: so nothing is loaded, and no keyring asked, for any other.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { toHotdeskError } from '../kernel/errors.ts';
import { sessionBusSockets } from './bus-address.ts';

interface Account {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  /** Of its logins by RDP instead of SSH: fingerprint of the key or certificate that the host must have. */
  readonly rdp?: string | undefined;
}

export interface KeyringDeps {
  /** Of hotdesk; the list is `keyring.json` in it. */
  readonly stateDir: string;
  /** Of the process: says where the session bus is. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told why the keyring cannot be used. */
  readonly onTrouble?: ((message: string) => void) | undefined;
}

/** No method throws: what cannot be had is not there, and `onTrouble` is told. */
export interface Keyring {
  /** @param mayAsk whether the desktop may ask for the keyring's own password; if not, a locked one is passed over */
  get(account: Account, mayAsk: boolean): Promise<string | undefined>;
  /** @returns whether it is kept */
  set(account: Account, secret: string): Promise<boolean>;
  /** @returns whether there was one */
  delete(account: Account): Promise<boolean>;
  /** Forgets what is kept for logins by RDP to any other host. */
  keepOnly(hosts: readonly string[]): Promise<void>;
}

/** What an entry has in its attribute `service`. */
const SERVICE = 'hotdesk';
const RDP_SERVICE = 'hotdesk-rdp';
const SECRETS = 'org.freedesktop.secrets';
const DBUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};
const Kept = z.array(z.string().check(z.maxLength(600))).check(z.maxLength(1000));

export function keyring(deps: KeyringDeps): Keyring {
  const list = new KeptList(path.join(deps.stateDir, 'keyring.json'));
  const attempt = async <T>(otherwise: T, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      deps.onTrouble?.(`The keyring cannot be used: ${toHotdeskError(error).message}.`);
      return otherwise;
    }
  };
  const remove = async (name: string) => {
    const was = await (await entryOf(name)).deleteCredential();
    list.delete(name);
    return was;
  };
  return {
    get: (account, mayAsk) =>
      attempt(undefined, async () => {
        const name = nameOf(account);
        if (!list.has(name) || (!mayAsk && (await isLocked(deps.env)))) return undefined;
        return (await (await entryOf(name)).getPassword()) ?? undefined;
      }),
    set: (account, secret) =>
      attempt(false, async () => {
        const name = nameOf(account);
        await (await entryOf(name)).setPassword(secret);
        list.add(name);
        // Of the key that the host had before.
        for (const other of list.all())
          if (other !== name && isSameLogin(other, account)) await remove(other);
        return true;
      }),
    delete: (account) =>
      attempt(false, async () => {
        const name = nameOf(account);
        return list.has(name) ? remove(name) : false;
      }),
    async keepOnly(hosts) {
      for (const name of list.all()) {
        const host = RDP_NAME.exec(name)?.groups?.host;
        if (host !== undefined && !hosts.includes(host)) await attempt(false, () => remove(name));
      }
    },
  };
}

/**
 * The keyring, where the desktop has one that runs or would be started.
 * @returns undefined on a machine without: nothing can be kept there
 */
export async function findKeyring(deps: KeyringDeps): Promise<Keyring | undefined> {
  try {
    const bus = await openBus(deps.env);
    try {
      for (const member of ['ListNames', 'ListActivatableNames']) {
        const [names] = await bus.call({ ...DBUS, member });
        if (Array.isArray(names) && names.includes(SECRETS)) return keyring(deps);
      }
    } finally {
      bus.close();
    }
  } catch {
    // No bus: no keyring.
  }
  return undefined;
}

/** No SSH login ends without its port, and so like this. */
const RDP_NAME = /^(?<login>.*@(?<host>[^@]*):\d+) rdp (?<key>\S+)$/u;

function nameOf({ user, host, port, rdp }: Account): string {
  return `${user}@${host}:${port}${rdp === undefined ? '' : ` rdp ${rdp}`}`;
}

/** Whether that is the name of the same login by RDP, whatever the host's key. */
function isSameLogin(name: string, { rdp, ...login }: Account): boolean {
  return rdp !== undefined && RDP_NAME.exec(name)?.groups?.login === nameOf(login);
}

/** The kernel's keyring, which @napi-rs/keyring would fall back to, forgets with the session: that is not kept. */
async function entryOf(name: string) {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  const service = RDP_NAME.test(name) ? RDP_SERVICE : SERVICE;
  return new AsyncEntry(service, name, { linux: { store: 'secret-service' } });
}

/** Whether reading would make the desktop ask for the keyring's password. */
async function isLocked(env: KeyringDeps['env']): Promise<boolean> {
  const bus = await openBus(env);
  try {
    const [value] = await bus.call({
      destination: SECRETS,
      path: '/org/freedesktop/secrets/aliases/default',
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
      signature: 'ss',
      body: ['org.freedesktop.Secret.Collection', 'Locked'],
    });
    return !isVariantOf(value, false);
  } finally {
    bus.close();
  }
}

async function openBus(env: KeyringDeps['env']) {
  const { sessionBus } = await import('./dbus.ts');
  return sessionBus(sessionBusSockets(env));
}

/** dbus-native gives a variant as its signature, taken apart, and its values. */
function isVariantOf(value: unknown, wanted: unknown): boolean {
  const values: unknown = Array.isArray(value) ? value[1] : undefined;
  return Array.isArray(values) && values[0] === wanted;
}

/** Names of the accounts with a password in the keyring. */
class KeptList {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  all(): readonly string[] {
    return this.#read();
  }

  has(name: string): boolean {
    return this.#read().includes(name);
  }

  add(name: string): void {
    const names = this.#read();
    if (!names.includes(name)) this.#write([...names, name]);
  }

  delete(name: string): void {
    const names = this.#read().filter((other) => other !== name);
    if (names.length > 0) this.#write(names);
    else rmSync(this.#file, { force: true });
  }

  #read(): string[] {
    try {
      return Kept.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return [];
    }
  }

  #write(names: readonly string[]): void {
    mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    const fresh = `${this.#file}.${process.pid}`;
    writeFileSync(fresh, `${JSON.stringify(names, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(fresh, this.#file);
  }
}
