/** Takes back what one step changed for the host of the run, the last change first. */
import { HotdeskError } from '../kernel/errors.ts';
import { readKeyFile } from '../ssh/auth/key-file.ts';
import { removeAgentKey } from '../ssh/ssh.ts';
import type { Change } from './changes/change.ts';
import { undoFileChange } from './changes/undo-files.ts';
import type { Visit } from './deps.ts';
import type { Far } from './far/far.ts';
import { asRootThere } from './far/root.ts';
import { disableUnit, reload, UNIT } from './far/service.ts';
import type { Entry } from './journal.ts';
import { fact, text, warning } from './lines.ts';
import { farOf, placeOf } from './steps/needs.ts';
import type { Line, Report, StepId } from './wizard.ts';

/**
 * Undoes the entries of a step.
 * @returns what was taken back
 * @throws HotdeskError why not; what is left is still in the journal
 */
export async function undoStep(
  visit: Visit,
  step: StepId,
  report: Report,
  signal: AbortSignal,
): Promise<readonly Line[]> {
  const entries = (await visit.journal.entries(placeOf(visit).id)).filter((entry) => entry.step === step);
  const lines: Line[] = [];
  for (const entry of inOrder(entries.reverse())) {
    signal.throwIfAborted();
    const { change } = entry;
    const heir = await otherUser(visit, entry);
    if (heir === undefined) {
      const line = await undoChange(visit, change, report, signal);
      if (line) lines.push(line);
      await passOn(visit, entry);
    } else {
      // It goes with the last host that was set up with it.
      await inherit(visit, heir, step, change);
      const what = 'path' in change ? change.path : 'The key in the ssh-agent';
      lines.push(text(`${what} stays: ${heir} was set up with it too.`));
    }
    await visit.journal.undone(entry.id);
  }
  return lines;
}

/** Kinds of changes that are of the host alone. */
const THERE: ReadonlySet<Change['kind']> = new Set(['unit', 'agent', 'linger']);

/**
 * What is there first, while the key that lets us in is still here; then what is here, files before the
 * folders that they are in.
 */
function inOrder(entries: readonly Entry[]): Entry[] {
  const rank = ({ change }: Entry) => {
    if ('where' in change ? change.where === 'there' : THERE.has(change.kind)) return 0;
    return change.kind === 'empty-file' ? 2 : change.kind === 'folder' ? 3 : 1;
  };
  return [...entries].sort((a, b) => rank(a) - rank(b));
}

/** What could not go because setup has put something into it for another host goes with that one. */
async function passOn(visit: Visit, { host, step, change }: Entry): Promise<void> {
  const isMade =
    change.kind === 'folder' || change.kind === 'empty-file' || (change.kind === 'lines' && !change.existed);
  if (!isMade || change.where !== 'here' || !(await visit.here.stat(change.path))) return;
  const others = (await visit.journal.entries()).filter((entry) => entry.host !== host);
  const uses = ({ change: other }: Entry) =>
    'path' in other && other.where === 'here' && `${other.path}/`.startsWith(`${change.path}/`);
  const heir = others.find(uses)?.host;
  if (heir === undefined) return;
  const left: Change =
    change.kind === 'lines' ? { kind: 'empty-file', where: 'here', path: change.path } : change;
  await inherit(visit, heir, step, left);
}

async function inherit({ journal }: Visit, host: string, step: StepId, change: Change): Promise<void> {
  await journal.made(await journal.begin(host, step, change));
}

async function undoChange(
  visit: Visit,
  change: Change,
  report: Report,
  signal: AbortSignal,
): Promise<Line | undefined> {
  switch (change.kind) {
    case 'lines':
    case 'file':
    case 'empty-file':
    case 'folder':
    case 'mode': {
      report(`putting back ${change.path}`);
      if (change.where === 'here') return undoFileChange(change, visit.here);
      const far = await reach(visit, signal);
      const line = await undoFileChange(change, far.files);
      if (far.facts && change.path.endsWith(`/${UNIT}`)) await reload(far.connection, far.facts, signal);
      return line;
    }
    case 'tree':
      return removeTree(await reach(visit, signal), change.path, signal);
    case 'loaded-key': {
      const held = await removeAgentKey(change.socket, Buffer.from(change.blob, 'base64'));
      return held ? fact('The key was taken out of the ssh-agent.') : undefined;
    }
    case 'unit': {
      const far = await reach(visit, signal);
      if (far.facts) await disableUnit(far.connection, far.facts, signal);
      return fact(`${change.name} on ${far.connection.name} is disabled.`);
    }
    case 'agent': {
      const { connection } = await reach(visit, signal);
      const argv = [change.program, 'agent', 'stop'];
      const { code, stderr } = await connection.exec(argv, { signal, timeoutMs: 15_000 });
      if (code !== 0) return mayRun(connection.name, argv, stderr);
      return fact(`hotdesk’s agent on ${connection.name} has ended.`);
    }
    case 'linger':
      return stopLingering(visit, await reach(visit, signal), report, signal);
    case 'packages':
      return text(`Packages stay installed. To remove them: ${change.remove}`);
    case 'secret': {
      const { user, host, port } = change;
      const was = await visit.deps.secrets?.delete({ user, host, port });
      return was ? fact('The password was taken out of the keyring.') : undefined;
    }
    case 'host':
      await visit.deps.agent.forgetHost(change.name);
      return fact(`${change.name} is no longer in hotdesk’s list of hosts.`);
  }
}

/** Its program may have been removed by hand: then it is not to be ended from here, and the rest still goes. */
function mayRun(host: string, argv: readonly string[], said: Buffer): Line {
  const why = said.toString('utf8').trim().split('\n').at(-1) || 'nothing';
  return warning(
    `hotdesk’s agent on ${host} may run still: \`${argv.join(' ')}\` said “${why}”. To see there: pgrep -af hotdesk`,
  );
}

/** The host, logged in anew if need be. */
async function reach(visit: Visit, signal: AbortSignal): Promise<Far> {
  const place = placeOf(visit);
  if (!visit.connection?.isOpen) {
    visit.connection = await visit.pool.connect(place.target, { signal, prompter: visit.prompter });
  }
  return farOf(visit, signal);
}

async function removeTree({ connection }: Far, path: string, signal: AbortSignal): Promise<Line> {
  const result = await connection.exec(['rm', '-rf', '--', path], { signal });
  if (result.code !== 0)
    throw new HotdeskError('unsafe-file', `${path} on ${connection.name} cannot be removed.`);
  return fact(`${path} on ${connection.name} removed.`);
}

async function stopLingering(visit: Visit, far: Far, report: Report, signal: AbortSignal): Promise<Line> {
  const argv = ['loginctl', '--no-ask-password', 'disable-linger'];
  const own = await far.connection.exec(argv, { signal });
  if (own.code !== 0) {
    await asRootThere(visit, far, ['loginctl', 'disable-linger', far.facts?.user ?? ''], report, signal);
  }
  return fact(`${far.connection.name} ends your services when you log out, as before.`);
}

/** Another host on which a key that is ours, in files or in the ssh-agent, has been installed since. */
async function otherUser(visit: Visit, { host, step, change }: Entry): Promise<string | undefined> {
  const key = step === 'key' ? await keyIn(change) : undefined;
  if (!key) return undefined;
  const others = (await visit.journal.entries()).filter((entry) => entry.host !== host);
  return others.find(
    (entry) =>
      entry.change.kind === 'lines' &&
      entry.change.where === 'there' &&
      entry.change.lines.some((each) => each.split(' ').includes(key)),
  )?.host;
}

/** The public half, as base64, of the key that a change made; also where one of its two files is gone. */
async function keyIn(change: Change): Promise<string | undefined> {
  if (change.kind === 'loaded-key') return change.blob;
  if (change.kind !== 'file' || change.where !== 'here') return undefined;
  const read = await readKeyFile(change.path.replace(/\.pub$/u, ''));
  return typeof read === 'object' ? read.publicKey?.toString('base64') : undefined;
}
