/**
 * One desktop entry: what of it hotdesk uses, by the Desktop Entry Specification 1.5
 * (https://specifications.freedesktop.org/desktop-entry-spec/1.5/). Pure.
 */
import { sanitise, sanitiseName } from '../kernel/text.ts';
import type { Application } from '../model/application.ts';
import { parseExec } from './exec-key.ts';
import { booleanOf, type Group, localised, parseKeyFile, splitList, unescapeString } from './key-file.ts';

export interface DesktopEntry {
  /** `NoDisplay=true`: there for opening files, not for menus. */
  readonly noDisplay: boolean;
  readonly onlyShowIn: readonly string[] | undefined;
  readonly notShowIn: readonly string[];
  /** A program without which the entry is not shown: a name in PATH or an absolute path. */
  readonly tryExec: string | undefined;
  readonly application: Application;
}

/** Where an entry was found, and for whom it is read. */
export interface EntryContext {
  /** Desktop file id without `.desktop`. */
  readonly id: string;
  /** Absolute path on the host. */
  readonly file: string;
  /** Best first, see `localeKeys`. */
  readonly locales: readonly string[];
}

const GROUP = 'Desktop Entry';

/**
 * @returns undefined for what is no application that could be started: another type, no name, no command
 * and not D-Bus activatable, a broken Exec, or deleted (`Hidden=true`)
 */
export function parseDesktopEntry(text: string, context: EntryContext): DesktopEntry | undefined {
  const group = parseKeyFile(text).get(GROUP);
  if (!group || booleanOf(group.get('Hidden')) || group.get('Type') !== 'Application') return undefined;
  const name = sanitiseName(localised(group, 'Name', context.locales) ?? '', '');
  const command = commandOf(group, name, context);
  if (name === '' || !command) return undefined;
  const list = (key: string) => splitList(group.get(key) ?? '');
  return {
    noDisplay: booleanOf(group.get('NoDisplay')) ?? false,
    onlyShowIn: group.has('OnlyShowIn') ? list('OnlyShowIn') : undefined,
    notShowIn: list('NotShowIn'),
    tryExec: stringOf(group, 'TryExec'),
    application: {
      id: context.id,
      name,
      categories: list('Categories')
        .map((category) => sanitise(category, 60))
        .filter(Boolean)
        .slice(0, 40),
      terminal: booleanOf(group.get('Terminal')) ?? false,
      command,
      ...optional('comment', sanitise(localised(group, 'Comment', context.locales) ?? '')),
      ...optional('path', absolute(stringOf(group, 'Path'))),
      ...optional('icon', iconOf(group, context)),
      ...optional('windowClass', sanitise(stringOf(group, 'StartupWMClass') ?? '', 120)),
    },
  };
}

/** Where a desktop of those names (XDG_CURRENT_DESKTOP, in its order) shows the entry. */
export function isShownIn(
  entry: Pick<DesktopEntry, 'onlyShowIn' | 'notShowIn'>,
  desktops: readonly string[],
): boolean {
  for (const desktop of desktops) {
    if (entry.onlyShowIn?.includes(desktop)) return true;
    if (entry.notShowIn.includes(desktop)) return false;
  }
  return entry.onlyShowIn === undefined;
}

/**
 * Starts what is D-Bus activatable (the specification's org.freedesktop.Application) on a bus of its own, and
 * stays for as long as it owns its name: a session ends with its command. $0: the name.
 */
const ACTIVATE = `gapplication launch "$0" || exit
while gdbus call --session -d org.freedesktop.DBus -o /org/freedesktop/DBus \\
  -m org.freedesktop.DBus.NameHasOwner "$0" 2>/dev/null | grep -q true; do sleep 1; done`;

/** `DBusActivatable` entries may have no Exec. */
function commandOf(group: Group, name: string, context: EntryContext): string[] | undefined {
  const exec = stringOf(group, 'Exec');
  if (exec === undefined) {
    const isBusName = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+$/u.test(context.id);
    return booleanOf(group.get('DBusActivatable')) && isBusName
      ? ['dbus-run-session', '--', 'sh', '-c', ACTIVATE, context.id]
      : undefined;
  }
  try {
    const argv = parseExec(exec, { name, icon: iconOf(group, context), file: context.file });
    const fits = argv.length <= 500 && argv.every((arg) => arg.length <= 16_384);
    return fits ? argv : undefined;
  } catch {
    return undefined;
  }
}

function iconOf(group: Group, { locales }: EntryContext): string | undefined {
  const icon = localised(group, 'Icon', locales);
  return icon === undefined || icon.length > 4096 || /\p{Cc}/u.test(icon) ? undefined : icon || undefined;
}

function stringOf(group: Group, key: string): string | undefined {
  const value = group.get(key);
  return value === undefined ? undefined : unescapeString(value) || undefined;
}

function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') && path.length <= 4096 && !path.includes('\0') ? path : undefined;
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return (value ? { [key]: value } : {}) as { [P in K]?: string };
}
