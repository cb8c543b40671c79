/** Step `host`: which one. Found ones appear while one looks, those of ssh_config are there, others are typed in. */
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { sanitise } from '../../kernel/text.ts';
import { type Host, namesOf } from '../../model/host.ts';
import { parseDestination, resolveTarget, type SshTarget, targetOf } from '../../ssh/ssh.ts';
import { changesOf, idOf, type Place, type Visit } from '../deps.ts';
import { fact, text } from '../lines.ts';
import { undoStep } from '../undo-step.ts';
import type { Answers, Choice, Question, Step } from '../wizard.ts';
import { placeOf } from './needs.ts';

/** The choice of a host that is not in the list. */
const OTHER = 'other';
/** How long hosts are waited for before the first list is shown, in ms: the agent answers at once with what it has. */
const FIRST_MS = 300;
/** Likewise for a host of this network that is named, in ms: mDNS answers within a second or so. */
const LOCAL_MS = 2000;

export function hostStep(visit: Visit): Step {
  let rows: readonly Host[] = [];
  const { agent, host } = visit.deps;
  return {
    id: 'host',
    title: 'Pick a host',
    async look(signal) {
      rows = await (host === undefined ? firstRows(visit) : rowsFor(visit, host, signal));
      if (host === undefined) return { state: 'todo', facts: [] };
      const place = await placeFor(visit, host, rows, signal);
      visit.place = place;
      if (!place.row) return { state: 'todo', facts: [] };
      return { state: 'done', facts: [whereIs(place)] };
    },
    async explain() {
      const keep: Question = {
        id: 'host.keep',
        kind: 'confirm',
        text: 'Keep it in hotdesk’s list of hosts?',
        default: true,
        byYes: true,
        when: (answers) => host !== undefined || answers['host.pick'] === OTHER,
      };
      if (host !== undefined) {
        return {
          lines: [
            text(`No finder knows ${sanitise(host, 80)}; hotdesk lists such hosts only when it is told to.`),
          ],
          questions: [keep],
        };
      }
      const lines = [
        text('Which machine should run your sessions? Those on this network appear as they are found.'),
      ];
      const pick: Question = {
        id: 'host.pick',
        kind: 'select',
        text: 'Host',
        choices: choicesOf(rows),
        default: choicesOf(rows)[0]?.value ?? OTHER,
        live: (onChange) =>
          agent.watchHosts((now) => {
            rows = now;
            onChange(choicesOf(now));
          }),
      };
      const name: Question = {
        id: 'host.name',
        kind: 'text',
        text: 'Its name or address, as ssh takes it (user@host:port)',
        default: '',
        check: wrongName,
        when: (answers) => answers['host.pick'] === OTHER,
      };
      return { lines, questions: [pick, name, keep] };
    },
    async do(answers, _report, signal) {
      if (host === undefined) visit.place = await placeFor(visit, picked(answers), rows, signal);
      const place = placeOf(visit);
      if (place.row || answers['host.keep'] !== true) return 'done';
      const target = host ?? picked(answers);
      await changesOf(visit, place, 'host').make(
        { kind: 'host', name: place.name },
        () => agent.keepHost(place.name, target),
        () => agent.forgetHost(place.name),
      );
      return 'done';
    },
    verify: async () => [whereIs(placeOf(visit))],
    undo: (report, signal) => undoStep(visit, 'host', report, signal),
  };
}

/** @param text as ssh takes it, or a name of a row. @throws HotdeskError `bad-argument`, `bad-settings` */
export async function placeFor(
  visit: Visit,
  text: string,
  rows: readonly Host[],
  signal?: AbortSignal,
): Promise<Place> {
  const typed = parseDestination(text);
  const row = rows.find((each) => isMeant(each, text, typed));
  if (row?.state === 'local') {
    throw new HotdeskError(
      'bad-argument',
      `${row.name} is this machine: there is nothing to set up over SSH.`,
    );
  }
  const target: SshTarget = row
    ? {
        ...targetOf(row),
        ...(typed.user ? { user: typed.user } : {}),
        ...(typed.port ? { port: typed.port } : {}),
      }
    : typed;
  const resolved = await resolveTarget(target, visit.deps.ssh, signal);
  // One that speaks RDP alone becomes an SSH host by being kept as one.
  const known = row?.state === 'rdp-only' ? undefined : row;
  return { target, resolved, name: row?.name ?? typed.name, row: known, id: idOf(resolved) };
}

function isMeant(row: Host, text: string, typed: SshTarget): boolean {
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
  if (row.sshName === text) return true;
  return (
    lower(namesOf(row)).includes(typed.name.toLowerCase()) &&
    (typed.port === undefined || typed.port === (row.sshPort ?? 22))
  );
}

/** The key of the row, or what was typed. */
function picked(answers: Answers): string {
  const value = answers['host.pick'] === OTHER ? answers['host.name'] : answers['host.pick'];
  if (typeof value !== 'string') throw new HotdeskError('bad-argument', 'No host was picked.');
  return value;
}

function wrongName(value: string): string | undefined {
  try {
    parseDestination(value);
    return undefined;
  } catch (error) {
    return toHotdeskError(error).message;
  }
}

function choicesOf(rows: readonly Host[]): Choice[] {
  // What speaks RDP alone cannot be set up.
  const others = rows.filter(({ state }) => state !== 'local' && state !== 'rdp-only');
  return [
    ...others.map((row) => ({ value: row.name, label: row.name, hint: hintOf(row) })),
    { value: OTHER, label: 'another one, to be typed in' },
  ];
}

function hintOf(row: Host): string {
  const from = row.finders.some((finder) => finder === 'mdns' || finder === 'avahi')
    ? 'on this network'
    : row.finders.includes('ssh-config')
      ? 'in ssh_config'
      : 'typed in';
  const address = row.sshName ?? row.addresses[0]?.address;
  return sanitise(
    [from, address, row.state === 'agent' ? 'hotdesk is there' : undefined].filter(Boolean).join(', '),
    100,
  );
}

function whereIs({ resolved, name }: Place) {
  const at = resolved.hostName === name ? '' : ` (${resolved.hostName})`;
  return fact(`${name}${at}, port ${resolved.port}, as ${resolved.user}`);
}

/**
 * What the agent knows, for a host that is named. One whose name means something on this network alone
 * is given a moment to be found: its row knows its port and addresses.
 */
export async function rowsFor(visit: Visit, name: string, signal?: AbortSignal): Promise<readonly Host[]> {
  const typed = parseDestination(name);
  const { hostName } = await resolveTarget(typed, visit.deps.ssh, signal);
  const isLocal = !hostName.includes(':') && (!hostName.includes('.') || /\.local\.?$/iu.test(hostName));
  return isLocal ? firstRows(visit, LOCAL_MS, (row) => isMeant(row, name, typed)) : firstRows(visit);
}

/** @param wanted without it the first rows will do */
function firstRows(
  visit: Visit,
  ms = FIRST_MS,
  wanted: (row: Host) => boolean = () => true,
): Promise<readonly Host[]> {
  return new Promise((resolve) => {
    let last: readonly Host[] = [];
    let stop: (() => void) | undefined;
    const done = () => {
      clearTimeout(timer);
      resolve(last);
      // Not from within the call that tells.
      setImmediate(() => stop?.());
    };
    const timer = setTimeout(done, ms);
    stop = visit.deps.agent.watchHosts((rows) => {
      last = rows;
      if (rows.some(wanted)) done();
    });
  });
}
