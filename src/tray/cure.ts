/** Why there is no icon, in one sentence, and what helps. Pure. */

type Env = Readonly<Record<string, string | undefined>>;

/** `bus`: no message bus of a session; `panel`: nobody on it shows icons. */
export type Missing = 'bus' | 'panel';

export function noTray(missing: Missing, env: Env): string {
  return `No tray icon can be shown: ${causeAndCure(missing, env)} Until then: \`hotdesk list --watch\`. The icon appears by itself as soon as it can.`;
}

function causeAndCure(missing: Missing, env: Env): string {
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) {
    return 'this is not a desktop session (neither DISPLAY nor WAYLAND_DISPLAY is set); run `hotdesk tray` on your desktop, or `hotdesk tray --autostart on` once.';
  }
  if (missing === 'bus') {
    return 'the message bus of the desktop session is not reached (DBUS_SESSION_BUS_ADDRESS); run `hotdesk tray` in a terminal of the desktop, or start the desktop with dbus-run-session.';
  }
  const desktop = (env.XDG_CURRENT_DESKTOP ?? '').toLowerCase();
  if (desktop.includes('gnome') || desktop.includes('unity')) {
    return 'GNOME shows none without an extension; install it (apt install gnome-shell-extension-appindicator), log in again, and switch it on in Extensions.';
  }
  if (desktop.includes('xfce'))
    return 'the panel has no status tray; add “Status Tray Plugin” to it (Panel, Add New Items).';
  if (desktop.includes('kde')) return 'the panel has no system tray; add the widget “System Tray” to it.';
  if (desktop.includes('sway') || desktop.includes('wlroots') || desktop.includes('hyprland')) {
    return 'no bar shows icons; run one with a tray, such as waybar.';
  }
  return 'no panel shows icons (StatusNotifierItem); add a system tray to your panel, or run one such as xfce4-panel, waybar or snixembed.';
}
