/**
 * A panel's eyes and hands inside of a lab host: `icons`, `menu`, `click LABEL...`, on the session bus of the
 * environment. Says JSON.
 */
import { sessionBusSockets } from '../../../src/platform/bus-address.ts';
import { sessionBus } from '../../../src/platform/dbus.ts';
import { variantValue, WATCHER } from '../../../src/tray/panel.ts';
import { MenuReader } from './menu-reader.ts';

const PROPERTIES = 'org.freedesktop.DBus.Properties';

async function main([verb = '', ...path]: readonly string[]): Promise<unknown> {
  const bus = await sessionBus(sessionBusSockets(process.env));
  const get = async (destination: string, at: string, of: string, name: string) => {
    const call = {
      destination,
      path: at,
      interface: PROPERTIES,
      member: 'Get',
      signature: 'ss',
      body: [of, name],
    };
    return variantValue((await bus.call(call))[0]);
  };
  const watcher = (name: string) => get(WATCHER.destination, WATCHER.path, WATCHER.interface, name);
  if (verb === 'panel') return (await watcher('IsStatusNotifierHostRegistered')) === true;
  const icons = (await watcher('RegisteredStatusNotifierItems')) as readonly string[];
  if (verb === 'icons') return icons;
  const icon = icons[0] ?? '';
  const slash = icon.indexOf('/');
  const [destination, at] =
    slash < 0 ? [icon, '/StatusNotifierItem'] : [icon.slice(0, slash), icon.slice(slash)];
  const menu = String(await get(destination, at, 'org.kde.StatusNotifierItem', 'Menu'));
  const reader = new MenuReader(bus, { destination, path: menu });
  if (verb !== 'click') return reader.read();
  await reader.choose(...path);
  return [];
}

main(process.argv.slice(2)).then(
  (said) => {
    process.stdout.write(JSON.stringify(said));
    process.exit(0);
  },
  (error: unknown) => {
    process.stderr.write(String(error));
    process.exit(1);
  },
);
