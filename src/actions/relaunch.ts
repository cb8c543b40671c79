/** The same command once more on another host, for sessions that cannot be taken there. Pure. */
import { HotdeskError } from '../kernel/errors.ts';
import type { Host } from '../model/host.ts';
import type { HostSession } from '../model/session.ts';
import type { StartAction } from './start.ts';

/**
 * @param words by which it was started; undefined: nobody knows
 * @param seat where it is shown, if anywhere
 * @throws HotdeskError `not-supported` where it is not certain what would have to be started
 */
export function relaunchOf(
  session: HostSession,
  to: Host,
  words: readonly string[] | undefined,
  seat: string | undefined,
): StartAction {
  const { kind, name, backend, ref } = session;
  const isVisible = seat !== undefined && kind !== 'terminal';
  return {
    host: to,
    command: commandOf(session, to, words),
    ...(Object.hasOwn(to.backends ?? {}, backend) ? { backend, why: `${ref} is kept by it.` } : {}),
    name,
    kind,
    options: {},
    attach: isVisible,
    ...(isVisible ? { seat } : {}),
  };
}

function commandOf(
  { kind, name, ref }: HostSession,
  to: Host,
  words: readonly string[] | undefined,
): readonly string[] {
  if (kind === 'vm') {
    throw new HotdeskError('not-supported', `${name} started twice would use its disks twice.`, {
      hint: `Shut it down first: \`hotdesk stop ${ref}\`.`,
    });
  }
  if (kind === 'shadow') {
    throw new HotdeskError('not-supported', `${name} is a display that is there, not a command.`);
  }
  // A desktop is what its host has for one.
  if (kind === 'desktop') return [];
  const [program = ''] = words ?? [];
  // A login shell has a dash before its name.
  if (kind === 'terminal' && program.startsWith('-')) return [];
  if (program === '' || words === undefined) {
    throw new HotdeskError('not-supported', `Nobody knows by which command ${name} was started.`, {
      hint: `Say it yourself: \`hotdesk start ${to.name} -- PROGRAM ARGUMENTS\`.`,
    });
  }
  return words;
}
