/**
 * Icon and menu by D-Bus alone: a StatusNotifierItem and a com.canonical.dbusmenu. For machines that
 * systray2 has no program for (arm64, musl), and for whoever prefers it.
 */
import type { BusAnswer, IncomingCall, ServingBus } from '../../kernel/bus.ts';
import { HotdeskError } from '../../kernel/errors.ts';
import type { AdapterKind, AdapterOptions, TrayAdapter } from '../adapter.ts';
import { LONG, type TrayView } from '../menu/model.ts';
import { WATCHER } from '../panel.ts';
import type { Properties } from './encode.ts';
import { ITEM_INTERFACE, ITEM_PATH, itemProperties, statusOf } from './item.ts';
import { BusMenu, MENU_INTERFACE, MENU_PATH } from './menu.ts';

const PROPERTIES = 'org.freedesktop.DBus.Properties';
const INTROSPECTABLE = 'org.freedesktop.DBus.Introspectable';

/** @param openBus a connection of its own to the desktop session's bus */
export function sniAdapter(openBus: () => Promise<ServingBus>): AdapterKind {
  return {
    name: 'sni',
    limits: LONG,
    unusable: async () => (process.platform === 'linux' ? undefined : 'it is for desktops with D-Bus'),
    open: async (options) => {
      const bus = await openBus();
      const adapter = new SniAdapter(bus, options);
      try {
        await adapter.register();
        return adapter;
      } catch (error) {
        await adapter.close();
        throw error;
      }
    },
  };
}

class SniAdapter implements TrayAdapter {
  readonly #bus: ServingBus;
  readonly #options: AdapterOptions;
  readonly #menu: BusMenu;
  #view: TrayView;
  #closed = false;

  constructor(bus: ServingBus, options: AdapterOptions) {
    this.#bus = bus;
    this.#options = options;
    this.#view = options.view;
    this.#menu = new BusMenu(bus, options.view.menu, options);
  }

  async register(): Promise<void> {
    this.#bus.onCall((call) => this.#answer(call));
    this.#bus.onClose(() => {
      if (!this.#closed) this.#options.onEnd('The message bus of the desktop session is gone.');
      this.#closed = true;
    });
    // The name that the protocol asks for; 4: no queue.
    const name = `org.kde.StatusNotifierItem-${process.pid}-1`;
    await this.#bus.call({
      ...{ destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus' },
      ...{ interface: 'org.freedesktop.DBus', member: 'RequestName', signature: 'su', body: [name, 4] },
    });
    try {
      await this.#bus.call({
        ...WATCHER,
        member: 'RegisterStatusNotifierItem',
        signature: 's',
        body: [name],
      });
    } catch (cause) {
      throw new HotdeskError('no-seat', 'The panel did not take the icon.', {
        hint: 'See whether the panel has a system tray (status notifier).',
        cause,
      });
    }
  }

  show(view: TrayView): void {
    const before = this.#view;
    this.#view = view;
    this.#menu.show(view.menu);
    if (view.icon !== before.icon) {
      this.#signal('NewIcon');
      this.#signal('NewAttentionIcon');
      if (statusOf(view) !== statusOf(before)) this.#signal('NewStatus', 's', [statusOf(view)]);
    }
    if (view.tooltip !== before.tooltip) this.#signal('NewToolTip');
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#bus.close();
  }

  #answer(call: IncomingCall): BusAnswer | undefined {
    if (call.interface === PROPERTIES) return this.#property(call);
    if (call.interface === INTROSPECTABLE) return { signature: 's', body: [introspection(call.path)] };
    if (call.path === MENU_PATH) return this.#menu.answer(call);
    // A click on the icon opens the menu, by ItemIsMenu; a panel that asks all the same is not refused.
    const known = ['Activate', 'SecondaryActivate', 'ContextMenu', 'Scroll', 'ProvideXdgActivationToken'];
    return call.path === ITEM_PATH && known.includes(call.member) ? {} : undefined;
  }

  #property({ path, member, body }: IncomingCall): BusAnswer | undefined {
    const all = this.#propertiesAt(path);
    if (!all) return undefined;
    if (member === 'GetAll') return { signature: 'a{sv}', body: [all] };
    if (member !== 'Get') return undefined;
    const found = new Map(all).get(String(body[1]));
    if (!found) throw new Error(`There is no property ${String(body[1]).slice(0, 80)}.`);
    return { signature: 'v', body: [found] };
  }

  #propertiesAt(path: string): Properties | undefined {
    if (path === MENU_PATH) return this.#menu.properties;
    return path === ITEM_PATH ? itemProperties(this.#view, this.#options.icons) : undefined;
  }

  #signal(member: string, signature?: string, body?: readonly unknown[]): void {
    this.#bus.emit({ path: ITEM_PATH, interface: ITEM_INTERFACE, member, signature, body });
  }
}

/** That the objects are there; what they can is in their specifications. */
function introspection(path: string): string {
  const interfaces = path === MENU_PATH ? [MENU_INTERFACE] : path === ITEM_PATH ? [ITEM_INTERFACE] : [];
  const named = interfaces.map((name) => `<interface name="${name}"/>`).join('');
  return `<node>${named}</node>`;
}
