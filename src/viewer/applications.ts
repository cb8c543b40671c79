/** The applications of a host, from its desktop entries. Pure but for `readApplications`. */
import type { Application } from '../model/application.ts';
import type { Machine } from '../model/machine.ts';
import { type DesktopEntry, isShownIn, parseDesktopEntry } from './desktop-entry.ts';
import { type EntryFile, type HostEntries, readEntries } from './entries-script.ts';
import { localeKeys } from './key-file.ts';
import { isLocalOnly } from './local-only.ts';
import { findPrograms } from './programs.ts';

export interface HostApplications {
  readonly revision: string;
  /** Undefined: still those of the known revision. */
  readonly applications: readonly Application[] | undefined;
}

/**
 * Everything in a menu of that host, by name; what makes sense only there is marked `hidden`.
 * @param known revision that the caller has the applications of; empty: none
 * @param locale of the person who reads the names, as in LC_MESSAGES
 * @throws HotdeskError when the host cannot be asked, `output-unparsable`
 */
export async function readApplications(
  machine: Machine,
  known: string,
  locale: string | undefined,
  signal?: AbortSignal,
): Promise<HostApplications> {
  const locales = localeKeys(locale);
  const read = await readEntries(machine, known, locales, signal);
  if (!read.files) return { revision: read.revision, applications: undefined };
  const entries = shownEntries(read.files, locales);
  const programs = await findPrograms(machine, entries.flatMap(programsOf), signal);
  return { revision: read.revision, applications: listed(entries, programs, read) };
}

/**
 * Desktop file id (without `.desktop`): the path below `applications`, `/` written `-`. Specification 1.5,
 * "Desktop File ID".
 */
export function desktopFileId({ file, dataDir }: Pick<EntryFile, 'file' | 'dataDir'>): string {
  return file
    .slice(`${dataDir}/applications/`.length)
    .replace(/\.desktop$/u, '')
    .replaceAll('/', '-');
}

/** Of several files with one id the first one counts, also if it says that there is no such application. */
export function shownEntries(files: readonly EntryFile[], locales: readonly string[]): DesktopEntry[] {
  const seen = new Set<string>();
  return files.flatMap((each) => {
    const id = desktopFileId(each);
    if (id === '' || id.length > 255 || /[\p{Cc}\p{Cf}\p{Cs}]/u.test(id) || seen.has(id)) return [];
    seen.add(id);
    const entry = parseDesktopEntry(each.text, { id, file: each.file, locales });
    return entry && !entry.noDisplay ? [entry] : [];
  });
}

/** What must be installed there: the program itself, and what TryExec names. */
function programsOf({ tryExec, application }: DesktopEntry): string[] {
  return [application.command[0] ?? '', ...(tryExec === undefined ? [] : [tryExec])];
}

/** @param programs by name, how each is called; see `findPrograms` */
export function listed(
  entries: readonly DesktopEntry[],
  programs: ReadonlyMap<string, string>,
  { desktops }: Pick<HostEntries, 'desktops'>,
): Application[] {
  return entries
    .flatMap((entry): Application[] => {
      const { application } = entry;
      const [name = '', ...args] = application.command;
      const program = programs.get(name);
      if (program === undefined || programsOf(entry).some((each) => !programs.has(each))) return [];
      const hidden = isLocalOnly(application)
        ? 'local-only'
        : isShownIn(entry, desktops)
          ? undefined
          : 'other-desktop';
      return [{ ...application, command: [program, ...args], ...(hidden ? { hidden } : {}) }];
    })
    .map((app) => ({ app, key: `${plain(app.name)}\0${app.id}` }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ app }) => app);
}

/** For sorting: without case and accents. (The agent does without a collator, whose data is several MB.) */
function plain(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
