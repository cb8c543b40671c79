import { expect, it } from 'vitest';
import { noTray } from '../../src/tray/cure.ts';

it.each([
  ['bus', {}, /neither DISPLAY nor WAYLAND_DISPLAY/u],
  ['panel', { DISPLAY: '' }, /neither DISPLAY/u],
  ['bus', { DISPLAY: ':0' }, /DBUS_SESSION_BUS_ADDRESS/u],
  ['panel', { DISPLAY: ':0', XDG_CURRENT_DESKTOP: 'ubuntu:GNOME' }, /gnome-shell-extension-appindicator/u],
  ['panel', { DISPLAY: ':0', XDG_CURRENT_DESKTOP: 'XFCE' }, /Status Tray Plugin/u],
  ['panel', { DISPLAY: ':0', XDG_CURRENT_DESKTOP: 'KDE' }, /System Tray/u],
  ['panel', { WAYLAND_DISPLAY: 'wayland-1', XDG_CURRENT_DESKTOP: 'sway' }, /waybar/u],
  ['panel', { DISPLAY: ':0' }, /StatusNotifierItem/u],
] as const)('%s %o', (missing, env, cure) => {
  const text = noTray(missing, env);
  expect(text).toMatch(cure);
  expect(text).toMatch(/hotdesk list --watch/u);
  expect(text).not.toContain('\n');
});
