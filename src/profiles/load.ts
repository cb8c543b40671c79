/** Finds profiles: the packaged ones, and the user's own, which add to them or take their place. */
import { createHash } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { byText } from '../kernel/text.ts';
import type { Profile } from '../model/profile.ts';
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
  for (const each of [...packaged, ...user]) {
    if (each.profile) usable.set(each.name, each);
    else broken.push(each);
  }
  return [...usable.values(), ...broken].sort((a, b) => byText(a.name, b.name));
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

async function profileOf(text: string, file: string, prepared: Prepared): Promise<Profile> {
  const hash = createHash('sha256').update(text).digest('hex');
  if (Object.hasOwn(prepared, hash)) return checkProfile(prepared[hash], file);
  const { parseProfile } = await import('./check.ts');
  return parseProfile(text, file);
}

async function loadFolder(
  folder: string,
  origin: LoadedProfile['origin'],
  prepared: Prepared,
): Promise<LoadedProfile[]> {
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

async function loadFile(
  file: string,
  origin: LoadedProfile['origin'],
  prepared: Prepared,
): Promise<LoadedProfile> {
  const name = basename(file).replace(/\.ya?ml$/u, '');
  let text = '';
  try {
    text = await readLimited(file);
    const profile = await profileOf(text, file, prepared);
    return { name: profile.name, file, origin, text, profile };
  } catch (thrown) {
    return { name, file, origin, text, problem: toHotdeskError(thrown, 'bad-profile') };
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
