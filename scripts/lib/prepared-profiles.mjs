// @ts-check
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/**
 * What the packaged profiles say, by the SHA-256 of their text, so that the agent need not read YAML
 * (src/profiles/load.ts). Not checked: the agent does that.
 * @param {string} root the checkout
 * @returns {Record<string, unknown>}
 */
export function preparedProfiles(root) {
  const folder = path.join(root, 'profiles');
  const files = readdirSync(folder).filter((name) => /\.ya?ml$/u.test(name));
  const texts = files.map((name) => readFileSync(path.join(folder, name), 'utf8'));
  return Object.fromEntries(
    texts.map((text) => [
      createHash('sha256').update(text).digest('hex'),
      parse(text, { uniqueKeys: true, schema: 'core' }),
    ]),
  );
}
