/** How a session ended that is not there any more, from the record that its profile's scripts keep. */
import { constants } from 'node:os';
import { sanitise } from '../kernel/text.ts';
import type { Machine } from '../model/machine.ts';
import type { Profile } from '../model/profile.ts';
import type { Session } from '../model/session.ts';
import { END_LINE_LIMIT, END_LINES, SessionEnd } from '../model/session-end.ts';
import { type Fields, parseKeyValues } from './parse.ts';
import { renderText } from './render.ts';
import { runCommand } from './run.ts';

type EndedSpec = NonNullable<Profile['ended']>;

/**
 * Reads the record of a session's end, which is gone by that.
 * @returns undefined where the profile keeps none, or there is none of this session
 * @throws HotdeskError when the machine cannot be asked
 */
export async function sessionEnd(
  profile: Profile,
  machine: Machine,
  session: Pick<Session, 'localId' | 'startedAt'>,
): Promise<SessionEnd | undefined> {
  const { ended } = profile;
  if (!ended) return undefined;
  const { stdout } = await runCommand(machine, profile, ended.command, { localId: session.localId });
  return readEnd(ended, parseKeyValues(stdout.toString('utf8'), ended.output), session.startedAt ?? 0);
}

/** Clocks that tell whole seconds, by different programs. */
const CLOCK_SLACK_S = 2;

/**
 * A record as an end. Pure. It may hold anything: what is no number, signal or text is left out.
 * @param startedAt seconds since the epoch; an older record is of another session with that identifier
 */
export function readEnd(spec: EndedSpec, fields: Fields, startedAt: number): SessionEnd | undefined {
  const text = (template: string) => renderText(template, fields).trim();
  const at = Number(text(spec.at) || Number.NaN);
  if (!(at >= startedAt - CLOCK_SLACK_S)) return undefined;
  const status = /^-?\d{1,3}$/u.test(text(spec.code)) ? Number(text(spec.code)) : undefined;
  // A program that calls others may tell a signal as less than zero (Python).
  const signal =
    signalName(text(spec.signal)) ?? (status && status < 0 ? signalName(`${-status}`) : undefined);
  const lines = spec.lines
    .map((template) => sanitise(renderText(template, fields), END_LINE_LIMIT))
    .filter((line) => line !== '')
    .slice(-END_LINES);
  const hasCode = signal === undefined && status !== undefined && status >= 0;
  const end = { ...(hasCode ? { code: status } : {}), ...(signal ? { signal } : {}), lines };
  return SessionEnd.safeParse(end).data;
}

/** signal(7) by number or name. */
function signalName(text: string): string | undefined {
  if (/^[A-Z][A-Z0-9]{0,9}$/u.test(text)) return text.startsWith('SIG') ? text : `SIG${text}`;
  const number = /^\d{1,2}$/u.test(text) ? Number(text) : 0;
  if (number === 0) return undefined;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `SIG${number}`;
}
