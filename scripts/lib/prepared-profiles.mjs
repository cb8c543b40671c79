// @ts-check
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** @param {string} text */
const hashOf = (text) => createHash('sha256').update(text).digest('hex');

/**
 * The packaged profiles, checked, by the SHA-256 of their text, so that the agent need neither read YAML nor
 * check it (src/profiles/load.ts). One that extends another has the hash of that one's text beside it. Those
 * that are broken are left out: the agent says what is wrong with them.
 * @param {string} root the checkout
 * @param {(text: string, file: string, baseOf: (name: string) => unknown) => { name: string }} parseProfile
 *   of src/profiles/check.ts
 * @returns {Record<string, { profile: { name: string }, extends?: string | undefined }>}
 */
export function preparedProfiles(root, parseProfile) {
  const folder = path.join(root, 'profiles');
  const files = readdirSync(folder).filter((name) => /\.ya?ml$/u.test(name));
  const texts = files.map((name) => readFileSync(path.join(folder, name), 'utf8'));
  /** @type {Map<string, { hash: string, profile: { name: string } }>} */
  const bases = new Map();
  /** @type {Record<string, { profile: { name: string }, extends?: string | undefined }>} */
  const prepared = {};
  for (const extending of [false, true]) {
    for (const text of texts) {
      const from = parse(text, { uniqueKeys: true, schema: 'core' }).extends;
      if ((from !== undefined) !== extending) continue;
      const hash = hashOf(text);
      try {
        const profile = parseProfile(text, '', (name) => bases.get(name)?.profile);
        prepared[hash] = { profile, ...(extending ? { extends: bases.get(from)?.hash } : {}) };
        if (!extending) bases.set(profile.name, { hash, profile });
      } catch {}
    }
  }
  return prepared;
}
