/** Both ways to show a tray, for tests that hold for each. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { busSockets } from '../../src/platform/bus-address.ts';
import { sessionBus } from '../../src/platform/dbus.ts';
import type { AdapterKind } from '../../src/tray/adapter.ts';
import type { Menu } from '../../src/tray/menu/model.ts';
import { sniAdapter } from '../../src/tray/sni/adapter.ts';
import { systrayAdapter } from '../../src/tray/systray/adapter.ts';
import { runnable } from '../../src/tray/systray/program.ts';
import type { ShownItem } from '../rigs/panel/menu-reader.ts';

export const KINDS = ['sni', 'systray2'] as const;
export type Kind = (typeof KINDS)[number];

/** @param display systray2's program draws with GTK and needs one */
export function adapterOf(
  kind: Kind,
  bus: string,
  display: string,
): { adapter: AdapterKind; remove: () => void } {
  const cacheDir = mkdtempSync(path.join(tmpdir(), 'hotdesk-tray-'));
  const env = {
    PATH: process.env.PATH,
    HOME: cacheDir,
    DISPLAY: display,
    DBUS_SESSION_BUS_ADDRESS: bus,
    NO_AT_BRIDGE: '1',
  };
  return {
    adapter:
      kind === 'sni'
        ? sniAdapter(() => sessionBus(busSockets(bus)))
        : systrayAdapter({ program: () => runnable(cacheDir), env: () => env }),
    remove: () => rmSync(cacheDir, { recursive: true, force: true }),
  };
}

/** What a menu of the model looks like when it is read back. */
export function expected(menu: Menu, kind: Kind): unknown[] {
  return menu.map((node) => {
    if (node.kind === 'separator') return '-';
    const children = node.kind === 'branch' ? expected(node.children, kind) : [];
    // Its program has no check marks of its own.
    const mark = kind === 'systray2' && node.kind === 'leaf' && node.checked ? '✓ ' : '';
    return [`${mark}${node.label}`, node.enabled, ...(children.length > 0 ? [children] : [])];
  });
}

export function read(items: readonly ShownItem[]): unknown[] {
  return items.map((item) => {
    if (item.kind === 'separator') return '-';
    return [item.label, item.enabled, ...(item.children.length > 0 ? [read(item.children)] : [])];
  });
}
