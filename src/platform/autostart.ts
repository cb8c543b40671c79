/**
 * Programs that start with the login, as files: an XDG autostart entry (Desktop Application Autostart
 * Specification) and a systemd user unit, an entry and icons for the applications menu; a launch agent
 * on macOS, a script in the Startup folder on Windows. Which files is pure; installing them is not.
 */
import { copyFileSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

export interface AutostartRequest {
  readonly platform: NodeJS.Platform;
  readonly env: Env;
  /** argv of what starts. */
  readonly command: readonly string[];
  /** A folder in the layout of hicolor with the application's icons, and their name there. */
  readonly icons: { readonly folder: string; readonly name: string };
}

export type InstalledFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly copyOf: string }
  | { readonly path: string; readonly linkTo: string };

const NAME = 'hotdesk-tray';
const UNIT = `${NAME}.service`;
const LABEL = 'net.hotdesk.tray';

/** @param list the names in a folder, as readdir gives them with their folders */
export function autostartFiles(
  request: AutostartRequest,
  list: (folder: string) => readonly string[],
): InstalledFile[] {
  const { platform, env } = request;
  const home = env.HOME ?? env.USERPROFILE ?? '/';
  if (platform === 'darwin') {
    return [
      { path: path.posix.join(home, 'Library/LaunchAgents', `${LABEL}.plist`), text: launchAgent(request) },
    ];
  }
  if (platform === 'win32') {
    const roaming = env.APPDATA ?? path.win32.join(home, 'AppData', 'Roaming');
    const startup = path.win32.join(roaming, 'Microsoft', 'Windows', 'Start Menu', 'Programs', 'Startup');
    return [{ path: path.win32.join(startup, `${NAME}.cmd`), text: startupScript(request.command) }];
  }
  const folder = (name: string, usual: string) => {
    const value = env[name];
    return value?.startsWith('/') ? value : path.posix.join(home, usual);
  };
  const config = folder('XDG_CONFIG_HOME', '.config');
  const data = folder('XDG_DATA_HOME', '.local/share');
  const units = path.posix.join(config, 'systemd/user');
  return [
    { path: path.posix.join(config, 'autostart', `${NAME}.desktop`), text: desktopEntry(request, true) },
    { path: path.posix.join(units, UNIT), text: unit(request.command) },
    // What `systemctl --user enable` does, which a machine without systemd has not.
    { path: path.posix.join(units, 'graphical-session.target.wants', UNIT), linkTo: `../${UNIT}` },
    { path: path.posix.join(data, 'applications/hotdesk.desktop'), text: desktopEntry(request, false) },
    ...iconFiles(request.icons, path.posix.join(data, 'icons'), list),
  ];
}

/** @returns the files that start it at the login, for people */
export function installAutostart(request: AutostartRequest): string[] {
  const files = autostartFiles(request, namesIn);
  for (const file of files) {
    mkdirSync(path.dirname(file.path), { recursive: true });
    if ('text' in file) writeFileSync(file.path, file.text);
    else if ('copyOf' in file) copyFileSync(file.copyOf, file.path);
    else if (!isThere(file.path)) symlinkSync(file.linkTo, file.path);
  }
  return files.flatMap((file) => ('text' in file ? [file.path] : []));
}

/** @returns what was removed; nothing where it was not installed */
export function removeAutostart(request: AutostartRequest): string[] {
  const there = autostartFiles(request, namesIn).filter((file) => isThere(file.path));
  for (const file of there) rmSync(file.path, { force: true });
  return there.flatMap((file) => ('text' in file ? [file.path] : []));
}

function isThere(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function namesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}

function iconFiles(
  { folder, name }: AutostartRequest['icons'],
  to: string,
  list: (folder: string) => readonly string[],
): InstalledFile[] {
  const isOurs = (file: string) => new RegExp(`^hicolor/[^/]+/apps/${name}\\.(?:png|svg)$`, 'u').test(file);
  return list(folder)
    .filter(isOurs)
    .map((file) => ({ path: path.posix.join(to, file), copyOf: path.join(folder, file) }));
}

/** Desktop Entry Specification, "The Exec key": quoted, then escaped as every string of the file. */
function execKey(command: readonly string[]): string {
  return command
    .map((word) => {
      if (/^[\w./:=@+,-]+$/u.test(word)) return word;
      const quoted = `"${word.replaceAll(/["`$\\]/gu, (c) => `\\${c}`)}"`;
      return quoted.replaceAll('\\', '\\\\').replaceAll('%', '%%');
    })
    .join(' ');
}

function desktopEntry({ command, icons }: AutostartRequest, atLogin: boolean): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=hotdesk',
    'Comment=Sessions of your machines, in the panel',
    `Exec=${execKey(command)}`,
    `Icon=${icons.name}`,
    'Categories=Network;RemoteAccess;',
    'Terminal=false',
    // Where the session is systemd's, the unit starts it, and starts it again if it fails.
    ...(atLogin
      ? ['X-systemd-skip=true', 'X-GNOME-Autostart-enabled=true']
      : ['Keywords=remote;session;xpra;tmux;']),
    '',
  ].join('\n');
}

/** systemd.service(5), "Command lines": quoted, with % and $ doubled. */
function unit(command: readonly string[]): string {
  const words = command.map(
    (word) =>
      `"${word
        .replaceAll(/[\\"]/gu, (c) => `\\${c}`)
        .replaceAll('%', '%%')
        .replaceAll('$', '$$$$')}"`,
  );
  return [
    '[Unit]',
    'Description=hotdesk tray icon',
    'PartOf=graphical-session.target',
    'After=graphical-session.target',
    '',
    '[Service]',
    `ExecStart=${words.join(' ')}`,
    'Restart=on-failure',
    'RestartSec=2',
    '',
    '[Install]',
    'WantedBy=graphical-session.target',
    '',
  ].join('\n');
}

/** launchd.plist(5) */
function launchAgent({ command }: AutostartRequest): string {
  const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const words = command.map((word) => `    <string>${xml(word)}</string>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    '  <key>Label</key>',
    `  <string>${LABEL}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...words,
    '  </array>',
    '  <key>RunAtLoad</key>',
    '  <true/>',
    '  <key>LimitLoadToSessionType</key>',
    '  <string>Aqua</string>',
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
}

/** A percent sign starts a variable in a .cmd file. */
function startupScript(command: readonly string[]): string {
  const words = command.map((word) => `"${word.replaceAll('"', '').replaceAll('%', '%%')}"`);
  return `@echo off\r\nstart "hotdesk" /b ${words.join(' ')}\r\n`;
}
