/**
 * The journal of setup: what was changed for which host, so that it can be taken back. One JSON value a
 * line, only ever appended to, each line on the disk (fsync) before what it announces is done. A last line
 * that a crash cut off counts as never written: its change had not begun.
 */
import { mkdirSync } from 'node:fs';
import { open, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { HotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import { encodeLine } from '../kernel/json-lines.ts';
import { Change } from './changes/change.ts';
import { STEP_IDS, type StepId } from './wizard.ts';

const Begun = z.object({
  id: z.string().check(z.maxLength(64)),
  /** When, as ISO 8601; for people. */
  at: z.string().check(z.maxLength(40)),
  /** Whom it was done for; see hostIdOf. */
  host: z.string().check(z.maxLength(600)),
  step: z.enum(STEP_IDS),
  change: Change,
});
const Ended = z.object({ id: z.string().check(z.maxLength(64)), now: z.enum(['made', 'undone']) });
/** The first line: the folders that were made for the journal itself. */
const Head = z.object({ journal: z.literal(1), folders: z.array(z.string()) });
const Row = z.union([Head, Begun, Ended]);

export interface Entry {
  readonly id: string;
  readonly at: string;
  readonly host: string;
  readonly step: StepId;
  readonly change: Change;
  /** False: it may or may not have been made. */
  readonly made: boolean;
}

/** What a journal's text says: the changes that have not been taken back, in order. Pure. */
export function readJournal(text: string): {
  readonly entries: readonly Entry[];
  readonly folders: readonly string[];
} {
  const entries = new Map<string, Entry>();
  let folders: readonly string[] = [];
  // What follows the last end of line was cut off.
  for (const line of text.split('\n').slice(0, -1)) {
    const row = Row.safeParse(parsed(line)).data;
    if (!row) continue;
    if ('journal' in row) folders = row.folders;
    else if ('change' in row) entries.set(row.id, { ...row, made: false });
    else {
      const entry = entries.get(row.id);
      if (row.now === 'undone') entries.delete(row.id);
      else if (entry) entries.set(row.id, { ...entry, made: true });
    }
  }
  return { entries: [...entries.values()], folders };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export class Journal {
  readonly #file: string;

  /** @param file in a folder of the user's own, which is made when needed */
  constructor(file: string) {
    this.#file = file;
  }

  /** Changes that have not been taken back, in order. @param host of that host alone */
  async entries(host?: string): Promise<readonly Entry[]> {
    const { entries } = readJournal((await this.#text()) ?? '');
    return host === undefined ? entries : entries.filter((entry) => entry.host === host);
  }

  /**
   * Writes down a change that is about to be made.
   * @returns its id
   * @throws HotdeskError `unsafe-file`: then it must not be made
   */
  async begin(host: string, step: StepId, change: Change): Promise<string> {
    const id = randomId(8);
    await this.#append({ id, at: new Date().toISOString(), host, step, change });
    return id;
  }

  async made(id: string): Promise<void> {
    await this.#append({ id, now: 'made' });
  }

  /** The change is taken back, or was never made. A journal without changes goes. */
  async undone(id: string): Promise<void> {
    await this.#append({ id, now: 'undone' });
    const { entries, folders } = readJournal((await this.#text()) ?? '');
    if (entries.length > 0) return;
    await rm(this.#file, { force: true });
    for (const folder of folders) await rmdir(folder).catch(() => {});
  }

  async #text(): Promise<string | undefined> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
      throw this.#failure('read', cause);
    }
  }

  async #append(row: z.infer<typeof Row>): Promise<void> {
    try {
      const made = makeFolders(dirname(this.#file));
      const handle = await open(this.#file, 'a+', 0o600);
      try {
        const { size } = await handle.stat();
        const last = Buffer.alloc(1, '\n');
        if (size > 0) await handle.read(last, 0, 1, size - 1);
        const head = size === 0 ? encodeLine({ journal: 1, folders: made }) : '';
        // The end that a torn line lacks.
        await handle.write(`${last[0] === 10 ? '' : '\n'}${head}${encodeLine(row)}`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw this.#failure('written', cause);
    }
  }

  #failure(what: string, cause: unknown): HotdeskError {
    return new HotdeskError('unsafe-file', `The journal of setup (${this.#file}) cannot be ${what}.`, {
      cause,
      hint: 'Without it nothing could be taken back, so nothing is changed. Is the disk full, or the folder not yours?',
    });
  }
}

/** Makes a folder and those above it. @returns those that were not there, the deepest first */
function makeFolders(folder: string): string[] {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made: string[] = [];
  if (first === undefined) return made;
  for (let at = folder; at.length >= first.length; at = dirname(at)) made.push(at);
  return made;
}
