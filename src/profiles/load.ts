/** Finds profiles: the packaged ones, and the user's own, which add to them or take their place. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { byText } from '../kernel/text.ts';
import type { Profile } from '../model/profile.ts';
import { extended } from './extend.ts';
import { PROFILE_LIMIT } from './limits.ts';
import { bad, checkProfile } from './rules.ts';

/** A profile file as found; either its profile or what is wrong with it. */
export interface LoadedProfile {
  readonly name: string;
  readonly file: string;
  readonly origin: 'packaged' | 'user';
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
  const packaged = await loadFolder(folders.packaged, 'packaged');
  const user = folders.user === undefined ? [] : await loadFolder(folders.user, 'user');
  const usable = new Map<string, LoadedProfile>();
  const broken: LoadedProfile[] = [];
  // Those that can be extended are known before those that extend them.
  const bases = new Map<string, Base>();
  const found = [...packaged, ...user];
  const late: Found[] = [];
  const take = (loaded: LoadedProfile, hash: string) => {
    if (!loaded.profile) broken.push(loaded);
    else if (usable.get(loaded.name)?.origin !== 'user' || loaded.origin === 'user') {
      usable.set(loaded.name, loaded);
      if (loaded.profile.extends === undefined) bases.set(loaded.name, { hash, says: loaded.profile });
    }
  };
  for (const each of found) {
    const ready = each.origin === 'packaged' ? prepared[each.hash] : undefined;
    const raw = ready ? ready.profile : await contentOf(each);
    if (isExtending(raw)) late.push(each);
    else if (ready)
      take({ ...withoutText(each), name: ready.profile.name, profile: ready.profile }, each.hash);
    else
      take(
        judged(each, raw, () => undefined),
        each.hash,
      );
  }
  for (const each of late) {
    const ready = each.origin === 'packaged' ? prepared[each.hash] : undefined;
    // What it extends may be the user's own now.
    const isSame = ready && bases.get(ready.profile.extends ?? '')?.hash === ready.extends;
    if (ready && isSame) {
      take({ ...withoutText(each), name: ready.profile.name, profile: ready.profile }, each.hash);
    } else
      take(
        judged(each, await contentOf(each), (name) => bases.get(name)?.says),
        each.hash,
      );
  }
  return [...usable.values(), ...broken].sort((a, b) => byText(a.name, b.name));
}

/** What the profiles that may be extended say, by name: for who checks one that is not installed. */
export function baseIn(loaded: readonly LoadedProfile[]): (name: string) => unknown {
  return (name) => loaded.find((each) => each.profile?.name === name)?.profile;
}

type Found = Omit<LoadedProfile, 'profile'> & { readonly text: string; readonly hash: string };

/** A profile that others may extend, and which text it is from. */
interface Base {
  readonly hash: string;
  readonly says: Profile;
}

function isExtending(raw: unknown): boolean {
  return typeof raw === 'object' && raw !== null && 'extends' in raw;
}

function withoutText({ name, file, origin }: Found): LoadedProfile {
  return { name, file, origin };
}

/** @param raw what the file says, or why that cannot be known */
function judged(found: Found, raw: unknown, baseOf: (name: string) => unknown): LoadedProfile {
  const file = withoutText(found);
  if (raw instanceof HotdeskError) return { ...file, problem: raw };
  try {
    const profile = checkProfile(extended(raw, file.file, baseOf), file.file);
    return { ...file, name: profile.name, profile };
  } catch (thrown) {
    return { ...file, problem: toHotdeskError(thrown, 'bad-profile') };
  }
}

/**
 * What the build has made of the packaged profiles, by the SHA-256 of their text: checked, and with what
 * they extend, whose text's hash is beside it. It is as much a part of the program as its code.
 */
type Prepared = Readonly<
  Record<string, { readonly profile: Profile; readonly extends?: string | undefined } | undefined>
>;

/** Reading YAML and checking it leaves an agent some 10 MB larger; reading JSON, hardly. */
async function readPrepared(file: string | undefined): Promise<Prepared> {
  if (file === undefined) return {};
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Prepared;
  } catch {
    return {};
  }
}

/** The content of the YAML, or what is wrong with it. */
async function contentOf({ text, file, problem }: Found): Promise<unknown> {
  if (problem) return problem;
  const { readYaml } = await import('./check.ts');
  try {
    return readYaml(text, file);
  } catch (thrown) {
    return toHotdeskError(thrown, 'bad-profile');
  }
}

/** Is a file of that name taken for a profile? */
export function isProfileFile(name: string): boolean {
  return /^[^.].*\.ya?ml$/u.test(name);
}

async function loadFolder(folder: string, origin: LoadedProfile['origin']): Promise<Found[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    if (origin === 'user') return [];
    throw new HotdeskError('internal', `The packaged profiles cannot be read: ${folder}.`, { cause });
  }
  const files = names.filter(isProfileFile).sort().slice(0, MAX_FILES);
  return Promise.all(files.map((name) => loadFile(join(folder, name), origin)));
}

async function loadFile(file: string, origin: LoadedProfile['origin']): Promise<Found> {
  const name = basename(file).replace(/\.ya?ml$/u, '');
  try {
    const text = await profileText(file);
    return { name, file, origin, text, hash: createHash('sha256').update(text).digest('hex') };
  } catch (thrown) {
    const problem = toHotdeskError(thrown, 'bad-profile');
    return { name, file, origin, text: '', hash: '', problem };
  }
}

/**
 * A profile file's text, no further than the limit.
 * @throws HotdeskError `bad-profile` where it is no file; Error of the file system
 */
export async function profileText(file: string): Promise<string> {
  // A pipe without a writer is refused, not waited for.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw bad(file, '', 'a plain file was expected');
    const { size } = stat;
    const buffer = Buffer.alloc(Math.min(size, PROFILE_LIMIT * 4) + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
