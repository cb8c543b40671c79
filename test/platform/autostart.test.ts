import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { autostartFiles, installAutostart, removeAutostart } from '../../src/platform/autostart.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'hotdesk-autostart-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const ICONS = [
  'hicolor/48x48/apps/hotdesk.png',
  'hicolor/scalable/apps/hotdesk.svg',
  'hicolor/48x48/apps/hotdesk-idle-dark.png',
];
const request = (platform: NodeJS.Platform, more: object = {}) => ({
  platform,
  env: { HOME: '/home/me' },
  command: ['/usr/bin/node', '/opt/my app/100%/$x"`\\/hotdesk.js', 'tray'],
  icons: { folder: '/icons', name: 'hotdesk' },
  ...more,
});
const textOf = (files: ReturnType<typeof autostartFiles>, end: string) => {
  const found = files.find((file) => file.path.endsWith(end));
  return found && 'text' in found ? found.text : '';
};

describe('on Linux', () => {
  const files = autostartFiles(request('linux'), () => ICONS);

  it('is an autostart entry, a systemd unit that is switched on, an entry in the menu, and its icons', () => {
    expect(files.map((file) => file.path)).toEqual([
      '/home/me/.config/autostart/hotdesk-tray.desktop',
      '/home/me/.config/systemd/user/hotdesk-tray.service',
      '/home/me/.config/systemd/user/graphical-session.target.wants/hotdesk-tray.service',
      '/home/me/.local/share/applications/hotdesk.desktop',
      '/home/me/.local/share/icons/hicolor/48x48/apps/hotdesk.png',
      '/home/me/.local/share/icons/hicolor/scalable/apps/hotdesk.svg',
    ]);
  });

  it('quotes as each format asks', () => {
    const exec = textOf(files, 'autostart/hotdesk-tray.desktop')
      .split('\n')
      .find((row) => row.startsWith('Exec='));
    expect(exec).toBe('Exec=/usr/bin/node "/opt/my app/100%%/\\\\$x\\\\"\\\\`\\\\\\\\/hotdesk.js" tray');
    const start = textOf(files, 'user/hotdesk-tray.service')
      .split('\n')
      .find((row) => row.startsWith('ExecStart='));
    expect(start).toBe('ExecStart="/usr/bin/node" "/opt/my app/100%%/$$x\\"`\\\\/hotdesk.js" "tray"');
  });

  it('is started once where systemd runs the session', () => {
    expect(textOf(files, 'autostart/hotdesk-tray.desktop')).toContain('X-systemd-skip=true');
    expect(textOf(files, 'applications/hotdesk.desktop')).not.toContain('X-systemd-skip');
  });

  it('follows the XDG folders', () => {
    const env = { HOME: '/home/me', XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: 'relative' };
    const paths = autostartFiles(request('linux', { env }), () => []).map((file) => file.path);
    expect(paths[0]).toBe('/c/autostart/hotdesk-tray.desktop');
    expect(paths.at(-1)).toBe('/home/me/.local/share/applications/hotdesk.desktop');
  });
});

it('is a launch agent on macOS and a script in the Startup folder on Windows', () => {
  const [agent] = autostartFiles(request('darwin', { command: ['/bin/a&b', '<c>'] }), () => []);
  expect(agent?.path).toBe('/home/me/Library/LaunchAgents/net.hotdesk.tray.plist');
  expect(agent && 'text' in agent && agent.text).toContain(
    '<string>/bin/a&amp;b</string>\n    <string>&lt;c&gt;</string>',
  );
  const env = { USERPROFILE: 'C:\\Users\\me', APPDATA: 'C:\\Users\\me\\Roaming' };
  const [script] = autostartFiles(request('win32', { env, command: ['C:\\node.exe', '100%"x'] }), () => []);
  expect(script?.path).toBe(
    'C:\\Users\\me\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\hotdesk-tray.cmd',
  );
  expect(script && 'text' in script && script.text).toContain('"C:\\node.exe" "100%%x"');
});

it('is installed and removed without a trace, more than once', () => {
  const folder = path.join(home, 'theme');
  for (const icon of ICONS) {
    mkdirSync(path.dirname(path.join(folder, icon)), { recursive: true });
    writeFileSync(path.join(folder, icon), icon);
  }
  const real = request('linux', { env: { HOME: home }, icons: { folder, name: 'hotdesk' } });
  expect(installAutostart(real)).toHaveLength(3);
  expect(installAutostart(real)).toHaveLength(3);
  const link = path.join(home, '.config/systemd/user/graphical-session.target.wants/hotdesk-tray.service');
  expect(readlinkSync(link)).toBe('../hotdesk-tray.service');
  expect(existsSync(link)).toBe(true);
  const icon = path.join(home, '.local/share/icons/hicolor/48x48/apps/hotdesk.png');
  expect(readFileSync(icon, 'utf8')).toBe('hicolor/48x48/apps/hotdesk.png');
  expect(removeAutostart(real)).toHaveLength(3);
  expect(removeAutostart(real)).toEqual([]);
  expect(lstatSync(link, { throwIfNoEntry: false })).toBeUndefined();
  expect(existsSync(icon)).toBe(false);
});
