/** The keyring of a lab host's desktop: gnome-keyring, open, on the user's bus where systemd has it. */
import { until } from '../until.ts';
import { LAB_UID, type LabHost } from './host.ts';

const FOLDER = `/run/user/${LAB_UID}`;
const NAME = 'org.freedesktop.secrets';
const OWNER = ['-d', 'org.freedesktop.DBus', '-o', '/org/freedesktop/DBus'];
const OPEN = ['-d', NAME, '-o', '/org/freedesktop/secrets/aliases/default'];

/** @returns what the user's programs have in their environment for it */
export async function startKeyring(host: LabHost): Promise<Readonly<Record<string, string>>> {
  const env = { XDG_RUNTIME_DIR: FOLDER };
  const address = `unix:path=${FOLDER}/bus`;
  const lasting = { env: { ...env, DBUS_SESSION_BUS_ADDRESS: address }, timeoutMs: 600_000 };
  const says = async (...args: string[]) =>
    (await host.user(['gdbus', 'call', '--session', ...args], lasting)).stdout;
  const hasOwner = () => says(...OWNER, '-m', 'org.freedesktop.DBus.NameHasOwner', NAME);
  const isLocked = () =>
    says(...OPEN, '-m', 'org.freedesktop.DBus.Properties.Get', 'org.freedesktop.Secret.Collection', 'Locked');
  // gnome-keyring makes its own folder, and none above.
  await host.user(['mkdir', '-p', '.local/share']);
  host.spawn(['dbus-daemon', '--session', '--nofork', `--address=${address}`], lasting);
  await until('the bus', async () => (await hasOwner()).includes('false'), 30_000);
  const daemon = ['gnome-keyring-daemon', '--foreground', '--unlock', '--components=secrets'];
  host.spawn(daemon, { ...lasting, stdin: 'of the login' });
  // Asked for anything before, the bus would start another one, which nobody unlocks.
  await until('the secret service', async () => (await hasOwner()).includes('true'), 30_000);
  await until('its keyring', async () => (await isLocked()).includes('false'), 30_000);
  return env;
}
