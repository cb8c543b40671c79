/**
 * What was read of hosts' applications, kept in files: nothing of it stays in memory, and the list of a
 * host that has not changed costs one short question.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { randomId } from '../../kernel/ids.ts';
import { Application } from '../../model/application.ts';
import { HOTDESK_VERSION } from '../../protocol/version.ts';
import type { Icon } from '../../viewer/icon-files.ts';

const Kept = z.object({
  /** What is marked and left out may differ by version. */
  hotdesk: z.literal(HOTDESK_VERSION),
  revision: z.string(),
  applications: z.array(Application),
});

export interface KeptList {
  readonly revision: string;
  readonly applications: readonly Application[];
}

export class AppCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The list of that host in that language; undefined where none is kept. */
  async list(hostKey: string, locale: string): Promise<KeptList | undefined> {
    const text = await textOf(this.#listFile(hostKey, locale));
    if (text === undefined) return undefined;
    try {
      return Kept.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  }

  /** Keeps a list, and forgets the icons of the one before. */
  async keepList(hostKey: string, locale: string, list: KeptList): Promise<void> {
    await write(this.#listFile(hostKey, locale), JSON.stringify({ hotdesk: HOTDESK_VERSION, ...list }));
    const folder = this.#icons(hostKey);
    const old = (await namesIn(folder)).filter((name) => name !== hash(list.revision));
    await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true, force: true })));
  }

  /** An icon; `none`: the host has none; undefined: not known. */
  async icon(hostKey: string, revision: string, name: string): Promise<Icon | 'none' | undefined> {
    const file = join(this.#icons(hostKey), hash(revision), hash(name));
    for (const type of ['png', 'svg'] as const) {
      const data = await readFile(`${file}.${type}`).catch(() => undefined);
      if (data) return { type, data };
    }
    return (await textOf(`${file}.none`)) === undefined ? undefined : 'none';
  }

  async keepIcon(hostKey: string, revision: string, name: string, icon: Icon | 'none'): Promise<void> {
    const file = join(this.#icons(hostKey), hash(revision), hash(name));
    if (icon === 'none') await write(`${file}.none`, '');
    else await write(`${file}.${icon.type}`, icon.data);
  }

  #listFile(hostKey: string, locale: string): string {
    return join(this.#folder, `${hash(`${hostKey}\0${locale}`)}.json`);
  }

  #icons(hostKey: string): string {
    return join(this.#folder, 'icons', hash(hostKey));
  }
}

/** Keys come from other machines: none becomes a file name as it is. */
function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Whole or not at all. */
async function write(file: string, data: string | Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.${randomId(4)}`;
  await writeFile(part, data, { mode: 0o600 });
  await rename(part, file);
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
