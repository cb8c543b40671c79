/** Finds profiles: the packaged ones, and the user's own, which add to them or take their place. */
import { createHash } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { byText } from '../kernel/text.ts';
import type { Profile } from '../model/profile.ts';
import { extended } from './extend.ts';
import { PROFILE_LIMIT } from './limits.ts';
import { checkProfile } from './rules.ts';

/** A profile file as found; either its profile or what is wrong with it. */
export interface LoadedProfile {
  readonly name: string;
  readonly file: string;
  readonly origin: 'packaged' | 'user';
  readonly text: string;
  readonly profile?: Profile | undefined;
  readonly problem?: HotdeskError | undefined;
}

/** More files than this in a folder are not profiles. */
const MAX_FILES = 200;

/**
 * Every profile of the two folders, by name. A user's file takes the place of the packaged profile
 * of the same name; a broken one disables itself alone and is listed with its problem.
 */
export async function loadProfiles(folders: {
  readonly packaged: string;
  readonly user?: string | undefined;
  /** What the build has read of the packaged ones already (scripts/lib/prepared-profiles.mjs). */
  readonly prepared?: string | undefined;
}): Promise<LoadedProfile[]> {
  const prepared = await readPrepared(folders.prepared);
  const packaged = await loadFolder(folders.packaged, 'packaged', prepared);
  const user = folders.user === undefined ? [] : await loadFolder(folders.user, 'user', NOTHING);
  const usable = new Map<string, LoadedProfile>();
  const broken: LoadedProfile[] = [];
  // Those that can be extended are known before those that extend them.
  const bases = new Map<string, unknown>();
  const found = [...packaged, ...user];
  for (const wanted of [false, true]) {
    for (const each of found.filter((one) => isExtending(one.raw) === wanted)) {
      const loaded = judged(each, (name) => bases.get(name));
      if (!loaded.profile) broken.push(loaded);
      else if (usable.get(loaded.name)?.origin !== 'user' || loaded.origin === 'user') {
        usable.set(loaded.name, loaded);
        if (!wanted) bases.set(loaded.name, each.raw);
      }
    }
  }
  return [...usable.values(), ...broken].sort((a, b) => byText(a.name, b.name));
}

/** What the profiles that may be extended say, by name: for who checks one that is not installed. */
export function baseIn(loaded: readonly LoadedProfile[]): (name: string) => unknown {
  return (name) => loaded.find((each) => each.profile?.name === name)?.profile;
}

type Found = Omit<LoadedProfile, 'profile'> & { readonly raw: unknown };

function isExtending(raw: unknown): boolean {
  return typeof raw === 'object' && raw !== null && 'extends' in raw;
}

function judged({ raw, ...file }: Found, baseOf: (name: string) => unknown): LoadedProfile {
  if (file.problem) return file;
  try {
    const profile = checkProfile(extended(raw, file.file, baseOf), file.file);
    return { ...file, name: profile.name, profile };
  } catch (thrown) {
    return { ...file, problem: toHotdeskError(thrown, 'bad-profile') };
  }
}

/** Contents of YAML files, by the SHA-256 of their text. */
type Prepared = Readonly<Record<string, unknown>>;

const NOTHING: Prepared = {};

/** Reading YAML leaves an agent without sessions 20 MB larger, one with ten 2 MB; reading JSON, hardly. */
async function readPrepared(file: string | undefined): Promise<Prepared> {
  if (file === undefined) return NOTHING;
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Prepared;
  } catch {
    return NOTHING;
  }
}

async function contentOf(text: string, file: string, prepared: Prepared): Promise<unknown> {
  const hash = createHash('sha256').update(text).digest('hex');
  if (Object.hasOwn(prepared, hash)) return prepared[hash];
  const { readYaml } = await import('./check.ts');
  return readYaml(text, file);
}

async function loadFolder(
  folder: string,
  origin: LoadedProfile['origin'],
  prepared: Prepared,
): Promise<Found[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    if (origin === 'user') return [];
    throw new HotdeskError('internal', `The packaged profiles cannot be read: ${folder}.`, { cause });
  }
  const files = names
    .filter((name) => /^[^.].*\.ya?ml$/u.test(name))
    .sort()
    .slice(0, MAX_FILES);
  return Promise.all(files.map((name) => loadFile(join(folder, name), origin, prepared)));
}

async function loadFile(file: string, origin: LoadedProfile['origin'], prepared: Prepared): Promise<Found> {
  const name = basename(file).replace(/\.ya?ml$/u, '');
  let text = '';
  try {
    text = await readLimited(file);
    return { name, file, origin, text, raw: await contentOf(text, file, prepared) };
  } catch (thrown) {
    return { name, file, origin, text, raw: undefined, problem: toHotdeskError(thrown, 'bad-profile') };
  }
}

/** Reads no further than the limit, whatever the file is. */
async function readLimited(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(PROFILE_LIMIT * 4 + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
