/** Reads a tray's menu as a panel does: com.canonical.dbusmenu over the bus. */
import { sleep } from '../../../src/kernel/abort.ts';
import type { ServingBus } from '../../../src/kernel/bus.ts';
import { variantValue } from '../../../src/tray/panel.ts';

export interface ShownItem {
  readonly id: number;
  readonly label: string;
  readonly kind: 'leaf' | 'branch' | 'separator';
  readonly enabled: boolean;
  readonly checked: boolean | undefined;
  readonly icon: string | undefined;
  readonly children: readonly ShownItem[];
}

/** Where an icon's menu is. */
export interface MenuAddress {
  readonly destination: string;
  readonly path: string;
}

/** Nobody sees an item and clicks on it in less, in ms: see UNSEEN_MS of src/tray/systray/adapter.ts. */
export const SEEN_MS = 300;

const INTERFACE = 'com.canonical.dbusmenu';

export class MenuReader {
  readonly #bus: ServingBus;
  readonly #at: MenuAddress;

  constructor(bus: ServingBus, at: MenuAddress) {
    this.#bus = bus;
    this.#at = at;
  }

  /** What can be seen: hidden items are left out, as a panel leaves them out. */
  async read(): Promise<readonly ShownItem[]> {
    const [, layout] = await this.#call('GetLayout', 'iias', [0, -1, []]);
    return shown(layout).children;
  }

  async click(item: ShownItem): Promise<void> {
    await this.#call('Event', 'isvu', [item.id, 'clicked', ['i', 0], 0]);
  }

  /** Clicks the item at a path of labels, once it has been there as long as it takes to see it. @throws where it is not */
  async choose(...path: readonly string[]): Promise<void> {
    const seen = itemAt(await this.read(), ...path);
    await sleep(SEEN_MS);
    const item = itemAt(await this.read(), ...path);
    if (item.id !== seen.id) throw new Error(`“${path.join(' ▸ ')}” has moved`);
    await this.click(item);
  }

  #call(member: string, signature: string, body: readonly unknown[]): Promise<readonly unknown[]> {
    return this.#bus.call({ ...this.#at, interface: INTERFACE, member, signature, body });
  }
}

function shown(layout: unknown): ShownItem {
  const [id, pairs, below] = layout as [number, [string, unknown][], unknown[]];
  const properties = new Map(pairs.map(([name, value]) => [name, variantValue(value)]));
  const children = below
    .map((each) => variantValue(each))
    .filter((each) => !isHidden(each))
    .map(shown);
  const isSeparator = properties.get('type') === 'separator';
  const isBranch = properties.get('children-display') === 'submenu';
  const state = properties.get('toggle-state');
  return {
    id,
    // As a panel reads it: `__` is an underscore, a lone one marks the item's key.
    label: String(properties.get('label') ?? '').replace(/_(.)/gu, '$1'),
    kind: isSeparator ? 'separator' : isBranch ? 'branch' : 'leaf',
    enabled: properties.get('enabled') !== false,
    checked: properties.get('toggle-type') ? state === 1 : undefined,
    icon: properties.get('icon-name') as string | undefined,
    children,
  };
}

function isHidden(layout: unknown): boolean {
  const [, pairs] = layout as [number, [string, unknown][]];
  return pairs.some(([name, value]) => name === 'visible' && variantValue(value) === false);
}

/** The item that a path of labels leads to; a label may be given by its beginning. */
export function itemAt(items: readonly ShownItem[], ...path: readonly string[]): ShownItem {
  let level = items;
  let found: ShownItem | undefined;
  for (const label of path) {
    found = level.find((item) => item.kind !== 'separator' && item.label.startsWith(label));
    if (!found) throw new Error(`no “${label}” among ${level.map((item) => item.label || '-').join(' | ')}`);
    level = found.children;
  }
  if (!found) throw new Error('an empty path');
  return found;
}
