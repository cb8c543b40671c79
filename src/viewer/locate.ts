/** Finds a viewer's program on this machine. */
import { access, constants, readFile, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { isProgram as isStillThere } from '../kernel/programs.ts';

/** Where programs are that the environment of a service may not name. */
const USUAL = ['/usr/local/bin', '/usr/bin', '/bin', '/snap/bin', '/var/lib/flatpak/exports/bin'];

/** Where programs were found, by program and path. */
const found = new Map<string, string>();
/** Those that are looked for anew in a moment. */
const soon = new Set<string>();
/** When the window that waits is open, in ms. */
const LATER_MS = 1000;

/**
 * The path of `program` in `path` (as PATH) or the usual folders; undefined where it is not. One that was found
 * before and is still there is taken at once, since a window waits for it; it is looked for anew a moment later.
 */
export async function locate(program: string, path: string | undefined): Promise<string | undefined> {
  if (isAbsolute(program)) return (await isProgram(program)) ? program : undefined;
  const key = `${program}\0${path ?? ''}`;
  const look = async () => {
    const file = await search(program, path);
    if (file === undefined) found.delete(key);
    else found.set(key, file);
    return file;
  };
  const before = found.get(key);
  // Without a thread's turn. Where its disk hangs, so would its start.
  if (before === undefined || !isStillThere(before)) return look();
  if (!soon.has(key)) {
    soon.add(key);
    setTimeout(() => {
      soon.delete(key);
      void look();
    }, LATER_MS).unref();
  }
  return before;
}

async function search(program: string, path: string | undefined): Promise<string | undefined> {
  // Nothing relative: a program of whatever folder the agent happens to be in is not meant.
  const folders = [...(path ?? '').split(delimiter), ...USUAL].filter(isAbsolute);
  for (const folder of new Set(folders)) {
    const file = join(folder, program);
    if (await isProgram(file)) return file;
  }
  return undefined;
}

/** Is the program there, and does its file hold that text, such as the name of a library that it needs? */
export async function isInstalled(
  program: string,
  path: string | undefined,
  holds?: string,
): Promise<boolean> {
  const file = await locate(program, path);
  if (file === undefined || holds === undefined) return file !== undefined;
  const data = await readFile(file).catch(() => undefined);
  return data?.includes(holds) ?? false;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
