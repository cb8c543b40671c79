/** Which applications were started from here on which host, and when: a menu shows those first. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { randomId } from '../../kernel/ids.ts';

const Used = z.object({ id: z.string(), at: z.number() });
const State = z.record(z.string(), z.array(Used));
type State = z.infer<typeof State>;

const PER_HOST = 20;
const HOSTS = 200;

/** When each application of that host was last started, in seconds since the epoch, by id. */
export async function recentlyUsed(file: string, hostKey: string): Promise<ReadonlyMap<string, number>> {
  const state = await read(file);
  const used = Object.hasOwn(state, hostKey) ? (state[hostKey] ?? []) : [];
  return new Map(used.map(({ id, at }) => [id, at]));
}

/** @param at seconds since the epoch */
export async function noteUse(file: string, hostKey: string, id: string, at: number): Promise<void> {
  const next = afterUse(await read(file), hostKey, { id, at });
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.${randomId(4)}`;
  await writeFile(part, `${JSON.stringify(next)}\n`, { mode: 0o600 });
  await rename(part, file);
}

/** The latest first, of few applications and hosts. Pure. */
export function afterUse(state: State, hostKey: string, use: z.infer<typeof Used>): State {
  const before = Object.hasOwn(state, hostKey) ? (state[hostKey] ?? []) : [];
  const here = [use, ...before.filter(({ id }) => id !== use.id)].slice(0, PER_HOST);
  const others = Object.entries(state).filter(([key]) => key !== hostKey);
  const latest = others.sort(([, a], [, b]) => (b[0]?.at ?? 0) - (a[0]?.at ?? 0)).slice(0, HOSTS - 1);
  return Object.fromEntries([[hostKey, here], ...latest]);
}

/** A file that is broken or not there is one that says nothing. */
async function read(file: string): Promise<State> {
  try {
    return State.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}
