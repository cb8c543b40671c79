/**
 * Reads a host's desktop entries in one round trip: one POSIX shell script, bounded in files and bytes,
 * that also says whether anything changed since a revision that is known.
 */
import { HotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import type { Machine } from '../model/machine.ts';

/** What was read of one entry. */
export interface EntryFile {
  /** Absolute path. */
  readonly file: string;
  /** The data folder that it is in; the first in the list wins. */
  readonly dataDir: string;
  /** Its first group, with the asked translations only. */
  readonly text: string;
}

export interface HostEntries {
  /** Changes when any entry does. */
  readonly revision: string;
  /** XDG_CURRENT_DESKTOP of the host's login. */
  readonly desktops: readonly string[];
  /** By precedence. Undefined: still those of the known revision. */
  readonly files: readonly EntryFile[] | undefined;
}

/** Entries read of one host. */
export const ENTRIES_LIMIT = 1500;
const BYTES_LIMIT = 8 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

/**
 * The data folders by the XDG Base Directory Specification; then those of Flatpak and Snap, which a
 * desktop's login adds and a login over SSH does not. $1: a mark that no file can know. $2: revision
 * that is known. $3: translations to keep, as `[de_DE][de]`.
 */
const SCRIPT = `
mark=$1 known=$2 keep=$3
LC_ALL=C; export LC_ALL
home=\${XDG_DATA_HOME:-$HOME/.local/share}
dirs=$home:\${XDG_DATA_DIRS:-/usr/local/share:/usr/share}
dirs=$dirs:$home/flatpak/exports/share:/var/lib/flatpak/exports/share:/var/lib/snapd/desktop
set -f
IFS=:; set -- $dirs
IFS='
'
printf '%s desktops %s\\n' "$mark" "$XDG_CURRENT_DESKTOP"
seen=: files=
for dir; do
  case $dir in /*) ;; *) continue ;; esac
  dir=\${dir%/}
  case $seen in *":$dir:"*) continue ;; esac
  seen=$seen$dir:
  [ -d "$dir/applications" ] || continue
  printf '%s folder %s\\n' "$mark" "$dir"
  files="$files
$(find -L "$dir/applications" -maxdepth 5 -name '*.desktop' -type f 2>/dev/null | sort | head -n ${ENTRIES_LIMIT})"
done
set --
for file in $files; do
  case $file in /*) [ -r "$file" ] && set -- "$@" "$file" ;; esac
  [ $# -lt ${ENTRIES_LIMIT} ] || break
done
full=; ls --full-time / >/dev/null 2>&1 && full=--full-time
revision=none
[ $# = 0 ] || revision=$(ls -lLind $full -- "$@" 2>/dev/null | { cksum || md5sum; } 2>/dev/null | tr ' ' '-')
printf '%s revision %s\\n' "$mark" "$revision"
if [ "$revision" != "$known" ] && [ $# != 0 ]; then
  awk -v mark="$mark" -v keep="$keep" '
    FNR == 1 { printf "%s file %s\\n", mark, FILENAME; size = 0; group = 0 }
    /^\\[/ { group++ }
    group != 1 { next }
    match($0, /^[A-Za-z0-9-]+\\[[^]]*\\]/) {
      key = substr($0, 1, RLENGTH); sub(/^[^[]*/, "", key)
      if (index(keep, key) == 0) next
    }
    { size += length($0) + 1; if (size <= 65536) print }
  ' "$@"
fi
printf '%s end\\n' "$mark"`;

/**
 * @param known revision whose entries the caller has; empty: none
 * @param locales translations that are wanted, see `localeKeys`
 * @throws HotdeskError when the host cannot be asked, `output-unparsable`
 */
export async function readEntries(
  machine: Machine,
  known: string,
  locales: readonly string[],
  signal?: AbortSignal,
): Promise<HostEntries> {
  const mark = `hotdesk-${randomId()}`;
  const keep = locales.map((locale) => `[${locale}]`).join('');
  const { stdout } = await machine.exec(['sh', '-c', SCRIPT, 'sh', mark, known, keep], {
    signal,
    timeoutMs: TIMEOUT_MS,
    maxBytes: BYTES_LIMIT,
  });
  return parseEntries(stdout.toString('utf8'), mark, known, machine.name);
}

/** What the script put out. Pure. @throws HotdeskError `output-unparsable` when its end is missing */
export function parseEntries(output: string, mark: string, known: string, host: string): HostEntries {
  const [, ...parts] = `\n${output}`.split(`\n${mark} `);
  const folders: string[] = [];
  const files: EntryFile[] = [];
  let desktops: readonly string[] = [];
  let revision: string | undefined;
  let ended = false;
  for (const part of parts) {
    const at = part.indexOf('\n');
    const head = at < 0 ? part : part.slice(0, at);
    const [what = '', ...rest] = head.split(' ');
    const value = rest.join(' ');
    if (what === 'desktops') desktops = value.split(':').filter((name) => /^[\w.+-]{1,60}$/u.test(name));
    else if (what === 'folder') folders.push(value);
    else if (what === 'revision') revision = value.slice(0, 60);
    else if (what === 'end') ended = true;
    else if (what === 'file' && files.length < ENTRIES_LIMIT) {
      const dataDir = folders.find((folder) => value.startsWith(`${folder}/applications/`));
      if (dataDir !== undefined) files.push({ file: value, dataDir, text: part.slice(at + 1) });
    }
  }
  if (!ended || !revision) {
    throw new HotdeskError('output-unparsable', `${host} did not say which applications it has.`, {
      hint: `Its login may miss a POSIX shell, find or awk: \`ssh ${host} 'command -v find awk cksum'\`.`,
    });
  }
  return { revision, desktops, files: revision === known ? undefined : files };
}
