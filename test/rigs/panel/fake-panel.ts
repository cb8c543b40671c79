/** A StatusNotifierWatcher without pixels: what registers there, and what it shows. */
import type { ServingBus } from '../../../src/kernel/bus.ts';
import { busSockets } from '../../../src/platform/bus-address.ts';
import { sessionBus } from '../../../src/platform/dbus.ts';
import { variantValue, WATCHER } from '../../../src/tray/panel.ts';
import { until } from '../until.ts';
import { MenuReader } from './menu-reader.ts';

const DBUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};
const PROPERTIES = 'org.freedesktop.DBus.Properties';

export interface RegisteredIcon {
  readonly destination: string;
  readonly path: string;
  /** When it came (performance.now). */
  readonly at: number;
}

export class FakePanel {
  readonly bus: ServingBus;
  #icons: RegisteredIcon[] = [];

  private constructor(bus: ServingBus) {
    this.bus = bus;
  }

  static async start(address: string): Promise<FakePanel> {
    const panel = new FakePanel(await sessionBus(busSockets(address)));
    const { bus } = panel;
    bus.onCall(({ member, body, sender, interface: of }) => {
      if (of === PROPERTIES) {
        if (member === 'GetAll')
          return { signature: 'a{sv}', body: [[['IsStatusNotifierHostRegistered', ['b', true]]]] };
        const value = body[1] === 'RegisteredStatusNotifierItems' ? ['as', []] : ['b', true];
        return { signature: 'v', body: [value] };
      }
      if (member !== 'RegisterStatusNotifierItem') return undefined;
      // Some register a name, others (libayatana) a path.
      const named = String(body[0]);
      const icon = named.startsWith('/')
        ? { destination: sender, path: named }
        : { destination: sender, path: '/StatusNotifierItem' };
      panel.#icons.push({ ...icon, at: performance.now() });
      return {};
    });
    await bus.call({
      ...DBUS,
      member: 'AddMatch',
      signature: 's',
      body: ["type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"],
    });
    bus.onSignal(({ member, body }) => {
      if (member === 'NameOwnerChanged' && body[2] === '')
        panel.#icons = panel.#icons.filter(({ destination }) => destination !== body[0]);
    });
    await bus.call({ ...DBUS, member: 'RequestName', signature: 'su', body: [WATCHER.destination, 4] });
    return panel;
  }

  /** Icons that are there now. */
  get icons(): readonly RegisteredIcon[] {
    return this.#icons;
  }

  /** The one icon, once it is there. */
  async icon(): Promise<RegisteredIcon> {
    return until('one icon', () => (this.#icons.length === 1 ? this.#icons[0] : undefined));
  }

  async property(icon: RegisteredIcon, name: string): Promise<unknown> {
    const [value] = await this.bus.call({
      ...{ destination: icon.destination, path: icon.path, interface: PROPERTIES },
      ...{ member: 'Get', signature: 'ss', body: ['org.kde.StatusNotifierItem', name] },
    });
    return variantValue(value);
  }

  async menu(): Promise<MenuReader> {
    const icon = await this.icon();
    const path = String(await this.property(icon, 'Menu'));
    return new MenuReader(this.bus, { destination: icon.destination, path });
  }

  close(): void {
    this.bus.close();
  }
}
