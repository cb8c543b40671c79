/** What a host has running and lying about, read from outside it: nothing has to run in it for that. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

export interface LabProcess {
  /** As the host sees it. */
  readonly pid: number;
  /** As seen from outside, for process.kill() and /proc. */
  readonly outerPid: number;
  readonly uid: number;
  readonly argv: readonly string[];
}

export interface Inventory {
  readonly processes: readonly LabProcess[];
  /** Paths of unix sockets, abstract ones with a leading `@`. */
  readonly sockets: readonly string[];
  /** TCP sockets that listen, as `address:port` in hexadecimal, as in /proc/net/tcp. */
  readonly listening: readonly string[];
  /** Everything below /tmp (X locks too), /dev/shm and /run/user/UID. */
  readonly files: readonly string[];
}

export interface Leftovers {
  /** Command lines. */
  readonly processes: readonly string[];
  readonly sockets: readonly string[];
  readonly listening: readonly string[];
  readonly files: readonly string[];
}

/** The text of a file of /proc, or undefined when its process is gone. */
function procText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function namespaceOf(pid: number | string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** Every process in the pid namespace of the host whose first process is `init`; zombies aside. */
export function processesOf(init: number): LabProcess[] {
  const namespace = namespaceOf(init);
  const found: LabProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/u.test(entry) || namespaceOf(entry) !== namespace) continue;
    const status = procText(`/proc/${entry}/status`);
    const argv = procText(`/proc/${entry}/cmdline`);
    if (status === undefined || argv === undefined || argv === '' || /^State:\s+[ZX]/mu.test(status))
      continue;
    const pid = Number(/^NSpid:.*\s(\d+)$/mu.exec(status)?.[1]);
    const uid = Number(/^Uid:\s+\d+\s+(\d+)/mu.exec(status)?.[1]);
    found.push({ pid, outerPid: Number(entry), uid, argv: argv.replace(/\0$/u, '').split('\0') });
  }
  return found;
}

function socketsOf(init: number): string[] {
  const rows = (procText(`/proc/${init}/net/unix`) ?? '').split('\n').slice(1);
  const paths = rows.map((row) => row.trim().split(/\s+/u)[7]).filter((name) => name !== undefined);
  return [...new Set(paths)];
}

function listeningOf(init: number): string[] {
  const rows = ['tcp', 'tcp6'].flatMap((name) =>
    (procText(`/proc/${init}/net/${name}`) ?? '').split('\n').slice(1),
  );
  const fields = rows.map((row) => row.trim().split(/\s+/u));
  return fields.filter((row) => row[3] === '0A').map((row) => row[1] ?? '');
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true, recursive: true }).catch(
    () => [],
  );
  return entries.map((entry) => path.join('/', path.relative(root, path.join(entry.parentPath, entry.name))));
}

export async function inventoryOf(init: number, uid: number): Promise<Inventory> {
  const root = `/proc/${init}/root`;
  const files = await Promise.all(
    [`tmp`, `dev/shm`, `run/user/${uid}`].map((folder) => filesBelow(root, folder)),
  );
  return {
    processes: processesOf(init).filter((process) => process.uid === uid),
    sockets: socketsOf(init),
    listening: listeningOf(init),
    files: files.flat(),
  };
}

/** What is in `now` and was not in `before`. */
export function difference(before: Inventory, now: Inventory): Leftovers {
  const known = new Set(before.processes.map((process) => process.outerPid));
  const added = (old: readonly string[], all: readonly string[]) => all.filter((item) => !old.includes(item));
  return {
    processes: now.processes.filter(({ outerPid }) => !known.has(outerPid)).map(({ argv }) => argv.join(' ')),
    sockets: added(before.sockets, now.sockets),
    listening: added(before.listening, now.listening),
    files: added(before.files, now.files),
  };
}
