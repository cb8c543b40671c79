/** Writes a profile to begin with. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { profileTemplate } from './profile-template.ts';

/** @throws where there is such a file already */
export function writeProfile(file: string, name: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, profileTemplate(name), { flag: 'wx' });
}
