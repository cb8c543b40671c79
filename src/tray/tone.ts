/** Whether the panel is dark or light, as far as the desktop says. */
import type { Bus } from '../kernel/bus.ts';
import type { PanelTone } from './icons.ts';
import { variantValue } from './panel.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** @param bus undefined: there is none to ask */
export async function panelTone(bus: Bus | undefined, env: Env): Promise<PanelTone> {
  const desktop = (env.XDG_CURRENT_DESKTOP ?? '').toLowerCase();
  // The top bar of GNOME is dark whatever the windows are.
  if (desktop.includes('gnome')) return 'dark';
  if (env.GTK_THEME) return /dark/iu.test(env.GTK_THEME) ? 'dark' : 'light';
  if (!bus) return 'dark';
  return (await xfce(bus)) ?? (await portal(bus)) ?? 'dark';
}

const XFCONF = { destination: 'org.xfce.Xfconf', path: '/org/xfce/Xfconf', interface: 'org.xfce.Xfconf' };

async function xfce(bus: Bus): Promise<PanelTone | undefined> {
  if (!(await isThere(bus, XFCONF.destination))) return undefined;
  const get = async (channel: string, property: string) =>
    bus
      .call({ ...XFCONF, member: 'GetProperty', signature: 'ss', body: [channel, property] })
      .then(([value]) => variantValue(value))
      .catch(() => undefined);
  if ((await get('xfce4-panel', '/panels/dark-mode')) === true) return 'dark';
  const theme = await get('xsettings', '/Net/ThemeName');
  return typeof theme === 'string' ? (/dark/iu.test(theme) ? 'dark' : 'light') : undefined;
}

/** org.freedesktop.appearance, color-scheme: 1 dark, 2 light, 0 no preference. */
async function portal(bus: Bus): Promise<PanelTone | undefined> {
  const destination = 'org.freedesktop.portal.Desktop';
  if (!(await isThere(bus, destination))) return undefined;
  try {
    const [value] = await bus.call({
      ...{
        destination,
        path: '/org/freedesktop/portal/desktop',
        interface: 'org.freedesktop.portal.Settings',
      },
      ...{ member: 'Read', signature: 'ss', body: ['org.freedesktop.appearance', 'color-scheme'] },
    });
    const inner = variantValue(value);
    const scheme = Array.isArray(inner) ? variantValue(inner) : inner;
    return scheme === 1 ? 'dark' : scheme === 2 ? 'light' : undefined;
  } catch {
    return undefined;
  }
}

/** Asks only who runs: nothing is started for the sake of a colour. */
async function isThere(bus: Bus, name: string): Promise<boolean> {
  const [has] = await bus
    .call({
      ...{
        destination: 'org.freedesktop.DBus',
        path: '/org/freedesktop/DBus',
        interface: 'org.freedesktop.DBus',
      },
      ...{ member: 'NameHasOwner', signature: 's', body: [name] },
    })
    .catch(() => [false]);
  return has === true;
}
