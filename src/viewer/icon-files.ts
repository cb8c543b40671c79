/**
 * Reads icons of a host: in one round trip its themes, in a second one the files. Bounded in number and
 * bytes; what comes is looked at before anybody draws it.
 */
import { randomId } from '../kernel/ids.ts';
import type { Machine } from '../model/machine.ts';
import { type IconTheme, iconName, isThemeName, parseIconTheme, searchOrder } from './icon-theme.ts';

export interface Icon {
  readonly type: 'png' | 'svg';
  readonly data: Buffer;
}

/** Pixels, at scale 1. */
export const ICON_SIZE = 48;
/** One icon, in bytes. */
const ICON_BYTES = 128 * 1024;
const ALL_BYTES = 4 * 1024 * 1024;
/** Width and height of a PNG, in pixels: more is for no menu, and may be meant to fill the memory. */
const PNG_SIDE = 1024;
/** Icons asked for at once. */
export const ICONS_AT_ONCE = 200;

/**
 * The base folders by the specification, the user's theme as GTK or KDE has it (else GTK's own default),
 * and the index of that theme and of all it inherits from. $1: a mark that no file can know.
 */
const THEMES = `
mark=$1
LC_ALL=C; export LC_ALL
home=\${XDG_DATA_HOME:-$HOME/.local/share}
bases=$HOME/.icons
set -f
IFS=:; set -- "$home" \${XDG_DATA_DIRS:-/usr/local/share:/usr/share}
for dir in "$@" "$home/flatpak/exports/share" /var/lib/flatpak/exports/share; do
  case $dir in /*) bases=$bases:\${dir%/}/icons ;; esac
done
bases=$bases:/usr/share/pixmaps
config=\${XDG_CONFIG_HOME:-$HOME/.config}
theme=
for file in "$config/gtk-4.0/settings.ini" "$config/gtk-3.0/settings.ini" /etc/gtk-3.0/settings.ini; do
  [ -z "$theme" ] && [ -r "$file" ] && theme=$(sed -n 's/^ *gtk-icon-theme-name *= *//p' "$file" | head -n 1)
done
[ -z "$theme" ] && [ -r "$config/kdeglobals" ] &&
  theme=$(sed -n '/^\\[Icons\\]/,/^\\[/s/^Theme=//p' "$config/kdeglobals" | head -n 1)
theme=\${theme:-Adwaita}
printf '%s start %s\\n' "$mark" "$theme"
for base in $bases; do [ -d "$base" ] && printf '%s base %s\\n' "$mark" "$base"; done
todo=$theme:hicolor seen=: n=0
while [ -n "$todo" ] && [ $n -lt 20 ]; do
  name=\${todo%%:*}
  case $todo in *:*) todo=\${todo#*:} ;; *) todo= ;; esac
  case $name in ''|*/*|.*) continue ;; esac
  case $seen in *":$name:"*) continue ;; esac
  seen=$seen$name: n=$((n + 1))
  for base in $bases; do
    file=$base/$name/index.theme
    [ -r "$file" ] || continue
    printf '%s theme %s\\n' "$mark" "$name"
    head -c 300000 "$file"
    printf '\\n'
    parents=$(sed -n 's/^Inherits *= *//p' "$file" | head -n 1 | tr ',\\n\\r' ':  ' | tr -d ' ')
    todo=$parents:$todo
    break
  done
done
printf '%s end\\n' "$mark"`;

/** $1: a mark. The other arguments: names, or absolute paths. Standard input: folders, best first. */
const FILES = `
mark=$1; shift
LC_ALL=C; export LC_ALL
dirs=
while IFS= read -r dir; do
  [ -d "$dir" ] && dirs="$dirs$dir
"
done
set -f
IFS='
'
left=${ALL_BYTES}
fits() {
  [ -f "$1" ] && [ -r "$1" ] || return 1
  size=$(wc -c <"$1") && size=$((size)) && [ "$size" -le ${ICON_BYTES} ] && [ "$size" -le $left ]
}
for name; do
  found=
  case $name in
    /*) fits "$name" && found=$name ;;
    *)
      for dir in $dirs; do
        for file in "$dir/$name.png" "$dir/$name.svg"; do
          [ -f "$file" ] && fits "$file" && { found=$file; break 2; }
        done
      done ;;
  esac
  if [ -z "$found" ]; then printf '%s icon 0\\n\\n' "$mark"; continue; fi
  left=$((left - size))
  printf '%s icon %s\\n' "$mark" "$size"
  head -c "$size" "$found"
  printf '\\n'
done`;

/**
 * The icons that the host has of those that are asked for, by what was asked: a name, or a path of a file.
 * @param icons at most ICONS_AT_ONCE; more are left out
 * @throws HotdeskError when the host cannot be asked
 */
export async function readIcons(
  machine: Machine,
  icons: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, Icon>> {
  const wanted = [...new Set(icons)].flatMap((icon) => {
    const name = icon.startsWith('/') ? filePath(icon) : iconName(icon);
    return name === undefined ? [] : [{ icon, name }];
  });
  const asked = wanted.slice(0, ICONS_AT_ONCE);
  if (asked.length === 0) return new Map();
  const folders = await searchFolders(machine, signal);
  const mark = `hotdesk-${randomId()}`;
  const { stdout } = await machine.exec(['sh', '-c', FILES, 'sh', mark, ...asked.map(({ name }) => name)], {
    stdin: `${folders.join('\n')}\n`,
    signal,
    timeoutMs: 20_000,
    maxBytes: 2 * ALL_BYTES,
  });
  const files = splitFiles(stdout, mark);
  return new Map(
    asked.flatMap(({ icon }, i): [string, Icon][] => {
      const made = iconOf(files[i] ?? Buffer.alloc(0));
      return made ? [[icon, made]] : [];
    }),
  );
}

/** An icon given as a file: only what is an image by its name. */
function filePath(path: string): string | undefined {
  return /\.(?:png|svg)$/iu.test(path) && path.length <= 4096 && !/\p{Cc}/u.test(path) ? path : undefined;
}

async function searchFolders(machine: Machine, signal: AbortSignal | undefined): Promise<string[]> {
  const mark = `hotdesk-${randomId()}`;
  const { stdout } = await machine.exec(['sh', '-c', THEMES, 'sh', mark], {
    signal,
    timeoutMs: 20_000,
    maxBytes: 8 * 1024 * 1024,
  });
  const themes = new Map<string, IconTheme>();
  const bases: string[] = [];
  let start = 'hicolor';
  for (const part of `\n${stdout.toString('utf8')}`.split(`\n${mark} `).slice(1)) {
    const [head = '', ...lines] = part.split('\n');
    const at = head.indexOf(' ');
    const [what, value] = [head.slice(0, at), head.slice(at + 1)];
    if (what === 'start' && isThemeName(value)) start = value;
    if (what === 'base') bases.push(value);
    const theme =
      what === 'theme' && isThemeName(value) ? parseIconTheme(value, lines.join('\n')) : undefined;
    if (theme) themes.set(value, theme);
  }
  return searchOrder(start, themes, bases, ICON_SIZE);
}

/** The files in the script's output, in its order; an empty one for what was not found. Pure. */
export function splitFiles(output: Buffer, mark: string): Buffer[] {
  const files: Buffer[] = [];
  const start = Buffer.from(`${mark} icon `);
  // What a login shell says comes before.
  for (let at = output.indexOf(start); at >= 0 && at < output.length; ) {
    if (!output.subarray(at, at + start.length).equals(start)) break;
    const line = output.indexOf(10, at);
    const size = Number(output.subarray(at + start.length, line).toString('latin1'));
    if (line < 0 || !Number.isSafeInteger(size)) break;
    files.push(output.subarray(line + 1, line + 1 + size));
    at = line + 1 + size + 1;
  }
  return files;
}

const PNG_START = Buffer.from([
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52,
]);

/**
 * What may be handed to a program that draws it: a PNG (RFC 2083 §11.2.1) of a sensible size, or an SVG
 * without entities, scripts and references to elsewhere.
 */
export function iconOf(data: Buffer): Icon | undefined {
  if (data.length > ICON_BYTES || data.length < 24) return undefined;
  if (data.subarray(0, PNG_START.length).equals(PNG_START)) {
    const [width, height] = [data.readUInt32BE(16), data.readUInt32BE(20)];
    const sensible = width > 0 && height > 0 && width <= PNG_SIDE && height <= PNG_SIDE;
    return sensible ? { type: 'png', data } : undefined;
  }
  const text = data.toString('utf8');
  if (
    !/^\ufeff?\s*<(?:\?xml|!--|!DOCTYPE|svg|svg:svg)[\s>-]/u.test(text) ||
    !/<(?:svg:)?svg[\s>]/u.test(text)
  ) {
    return undefined;
  }
  const unsafe =
    /<!ENTITY|<script|<foreignObject|\son\w+\s*=|(?:href|src)\s*=\s*["']\s*(?!#|data:image\/)[^"'\s]|@import/iu;
  return unsafe.test(text) ? undefined : { type: 'svg', data };
}
