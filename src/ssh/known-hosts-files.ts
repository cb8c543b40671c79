/** Reads and extends the user's known_hosts files. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import { entryMatches, hashName, type KnownHost, keyType, parseKnownHosts } from './known-hosts.ts';

/**
 * All entries of `files`, in order. A file that is not there holds none.
 * @throws HotdeskError `unsafe-file` when one is there and cannot be read: what it would have
 * refused is then not known, so nothing may be accepted
 */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHost[]> {
  const all: KnownHost[] = [];
  for (const file of files) {
    const text = await readText(file);
    if (text !== undefined) all.push(...parseKnownHosts(text, file));
  }
  return all;
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) {
      return undefined;
    }
    throw new HotdeskError('unsafe-file', `${file} cannot be read, so no host key can be checked.`, {
      cause,
      hint: `Look at it with: ls -l ${file}`,
    });
  }
}

/**
 * Adds `key` under `names` to `file` in OpenSSH's format; does nothing for a name that has it. The
 * file is replaced as a whole, so a crash leaves the old or the new one; its mode becomes 0600, a
 * folder that is made for it 0700.
 * @throws HotdeskError `unsafe-file` when it cannot be read or written
 */
export async function appendKnownHost(
  file: string,
  names: readonly string[],
  key: Buffer,
  hashed: boolean,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // A known_hosts that is a link (dotfiles) stays one.
  const target = await realpath(file).catch(() => file);
  const text = (await readText(target)) ?? '';
  const lines = missingLines(text, names, key, hashed);
  if (lines.length === 0) return;
  await replace(target, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lines.join('\n')}\n`);
}

/**
 * The lines, without their ends, that known_hosts lacks for `key` under `names`: one, or one for each name where they are hashed.
 * @param text of known_hosts
 * @throws HotdeskError `protocol-error` for a key without a type
 */
export function missingLines(
  text: string,
  names: readonly string[],
  key: Buffer,
  hashed: boolean,
): readonly string[] {
  const type = keyType(key);
  if (!type) throw new HotdeskError('protocol-error', 'The host key has no type.');
  const entries = parseKnownHosts(text, '').filter((e) => e.marker === undefined && e.key.equals(key));
  const missing = names.filter((name) => !entries.some((entry) => entryMatches(entry, name)));
  if (missing.length === 0) return [];
  const fields = hashed ? missing.map((name) => hashName(name, randomBytes(20))) : [missing.join(',')];
  return fields.map((field) => `${field} ${type} ${key.toString('base64')}`);
}

async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomId()}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(draft, 0o600);
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new HotdeskError('unsafe-file', `${file} cannot be written.`, { cause });
  }
}
