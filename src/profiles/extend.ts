/** A profile that extends another: what it does not say is the other's. Pure. */
import type { Profile } from '../model/profile.ts';
import { bad } from './rules.ts';

/** The profile whose sessions are listed with those of `profile`: all that extend one are a family. */
export function familyOf(profile: Pick<Profile, 'name' | 'extends'>): string {
  return profile.extends ?? profile.name;
}

/** One profile of each family: each lists the sessions of all of them. */
export function listers(profiles: readonly Profile[]): Profile[] {
  const families = new Map<string, Profile>();
  for (const profile of profiles) {
    const family = familyOf(profile);
    // The one that the others extend, if it is there.
    if (!families.has(family) || profile.name === family) families.set(family, profile);
  }
  return [...families.values()];
}

/**
 * What a profile's file says, with what it takes from the profile that it extends.
 * @param baseOf the content of a profile that can be extended, by name
 * @throws HotdeskError `bad-profile` where there is none of that name
 */
export function extended(raw: unknown, file: string, baseOf: (name: string) => unknown): unknown {
  if (!isMap(raw) || typeof raw.extends !== 'string') return raw;
  const base = baseOf(raw.extends);
  if (!isMap(base)) throw bad(file, 'extends', 'the name of another profile was expected');
  if (base.extends !== undefined) {
    throw bad(file, 'extends', 'a profile that extends none itself was expected');
  }
  for (const key of ['name', 'title']) {
    if (typeof raw[key] !== 'string' || raw[key] === base[key]) {
      throw bad(file, key, `one of its own was expected, not that of ${raw.extends}`);
    }
  }
  return merge(base, raw);
}

function merge(base: Map, over: Map): Map {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    if (value === null) delete merged[key];
    else merged[key] = isMap(value) && isMap(before) ? merge(before, value) : value;
  }
  return merged;
}

type Map = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Map {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
