import { readFileSync } from 'node:fs';
import type { Profile } from '../../src/model/profile.ts';
import { parseProfile, readYaml } from '../../src/profiles/check.ts';

/** A packaged profile, with what it takes from another. */
export function packaged(name: string): Profile {
  return parseProfile(textOf(name), fileOf(name), (base) => readYaml(textOf(base), fileOf(base)));
}

const fileOf = (name: string) => `profiles/${name}.yaml`;
const textOf = (name: string) => readFileSync(fileOf(name), 'utf8');
