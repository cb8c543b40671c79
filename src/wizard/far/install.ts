/** Puts hotdesk on the host: its files, and what keeps its agent running. */
import { posix } from 'node:path';
import { HotdeskError } from '../../kernel/errors.ts';
import { randomId } from '../../kernel/ids.ts';
import { sanitise } from '../../kernel/text.ts';
import type { SshConnection } from '../../ssh/ssh.ts';
import type { Changes } from '../changes/changes.ts';
import type { Visit } from '../deps.ts';
import type { Files } from '../files/files.ts';
import { fact, warning } from '../lines.ts';
import type { Line, Report } from '../wizard.ts';
import { bundleOf, launcherText } from './bundle.ts';
import type { Far, FarFacts } from './far.ts';
import { asRootThere, must } from './root.ts';
import { autostartText, disableUnit, enableUnit, UNIT, unitText } from './service.ts';

/** The oldest Node that hotdesk runs on, as package.json has it. */
export const OLDEST_NODE = '20.19';

export interface Places {
  /** What is unpacked. */
  readonly program: string;
  /** In the PATH of a login, and where other machines look. */
  readonly launcher: string;
  readonly unit: string;
  readonly autostart: string;
}

export function placesIn(home: string): Places {
  return {
    program: posix.join(home, '.local/share/hotdesk/program'),
    launcher: posix.join(home, '.local/bin/hotdesk'),
    unit: posix.join(home, '.config/systemd/user', UNIT),
    autostart: posix.join(home, '.config/autostart/hotdesk.desktop'),
  };
}

interface Work {
  readonly visit: Visit;
  readonly far: Far;
  readonly facts: FarFacts;
  readonly changes: Changes;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Copies hotdesk as one file and unpacks it there. @throws HotdeskError `unsafe-file`, `command-failed` */
export async function copyProgram(work: Work): Promise<void> {
  const { visit, far, facts, changes, report, signal } = work;
  const { files, connection } = far;
  const { program, launcher } = placesIn(files.home);
  const node = facts.node?.path ?? 'node';
  const removeAll = (path: string) => connection.exec(['rm', '-rf', '--', path]);
  // What the agent will keep there goes with it.
  for (const folder of ['.local/state/hotdesk', '.cache/hotdesk']) {
    const path = posix.join(files.home, folder);
    await changes.ownTree(files, path, () => removeAll(path));
  }
  await changes.ensureFolder(files, posix.join(files.home, '.config/hotdesk'));
  await changes.ownTree(files, program, () => removeAll(program));
  const bytes = await bundleOf(visit.deps.installation);
  report(`copying hotdesk (${Math.ceil(bytes.length / 1024)} kB)`);
  const draft = `${program}.${randomId()}.cjs`;
  try {
    await copyOne(connection, files, draft, bytes, signal);
    await must(connection, [node, draft, program], report, signal);
  } finally {
    await files.remove(draft).catch(() => {});
  }
  const text = Buffer.from(launcherText(node, program));
  const old = await files.read(launcher);
  if (old === undefined) await changes.createFile(files, launcher, text, 0o755);
  else if (!old.equals(text)) await files.write(launcher, text, 0o755);
}

/** By SFTP, which takes any size at once; by the shell where there is none, or where its root is another. */
async function copyOne(
  connection: SshConnection,
  files: Files,
  path: string,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const sftp = await connection.sftp(signal).catch(() => undefined);
  if (sftp) {
    try {
      await sftp.create(path, bytes, 0o600);
    } catch {
      // The shell says what is wrong.
    } finally {
      sftp.end();
    }
    const there = await files.read(path).catch(() => undefined);
    if (there?.equals(bytes)) return;
  }
  await files.write(path, bytes, 0o600);
}

/** @param program path of the hotdesk there. @returns what is so now */
export async function keepRunning(work: Work, program: string, linger: boolean): Promise<Line[]> {
  const { far, facts, changes, report, signal } = work;
  const { files, connection } = far;
  const places = placesIn(files.home);
  if (facts.systemd) {
    const wants = posix.join(posix.dirname(places.unit), 'default.target.wants');
    await changes.ensureFolder(files, wants);
    if (!(await files.stat(places.unit))) {
      await changes.createFile(files, places.unit, Buffer.from(unitText(program)), 0o644);
    }
    report('starting the agent');
    await changes.make(
      { kind: 'unit', name: UNIT },
      () => enableUnit(connection, facts, report, signal),
      () => disableUnit(connection, facts, signal),
    );
    return [fact(`It is a systemd user unit, ${UNIT}.`), ...(linger ? await lingering(work) : [])];
  }
  if (!(await files.stat(places.autostart))) {
    await changes.createFile(files, places.autostart, Buffer.from(autostartText(program)), 0o644);
  }
  report('starting the agent');
  await changes.make(
    { kind: 'agent', program },
    () => must(connection, [program, 'agent', 'start'], report, signal),
    async () => {},
  );
  return [fact('There is no systemd for users: it starts with your desktop (XDG autostart), and runs now.')];
}

/** Services that outlive the last login. Refused is no failure: all else works without. */
async function lingering({ visit, far, facts, changes, report, signal }: Work): Promise<Line[]> {
  const { connection } = far;
  try {
    await changes.make(
      { kind: 'linger' },
      async () => {
        const own = await connection.exec(['loginctl', '--no-ask-password', 'enable-linger'], { signal });
        if (own.code !== 0)
          await asRootThere(visit, far, ['loginctl', 'enable-linger', facts.user], report, signal);
      },
      async () => {},
    );
    return [fact('It keeps running when nobody is logged in there (lingering).')];
  } catch (error) {
    if (!(error instanceof HotdeskError) || error.code === 'cancelled') throw error;
    return [warning(`It runs only while you are logged in there: ${sanitise(error.message, 200)}`)];
  }
}
