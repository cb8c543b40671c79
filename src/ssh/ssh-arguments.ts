/** The command line of the user's own ssh, for what runs one beside our connections. Pure. */
import { checkTarget, type ResolvedTarget, type SshTarget } from './target.ts';

/**
 * Arguments, the destination last, by which ssh(1) goes where we go. It reads its configuration itself;
 * where that does not say where the host is, it is told what finders saw, and which key is to answer.
 * @throws HotdeskError `bad-argument` for a name that is none
 */
export function sshArguments(target: SshTarget, resolved: ResolvedTarget): string[] {
  const { name, user, port } = checkTarget(target);
  const { addresses } = resolved;
  const seen = (addresses.find(({ address }) => !address.includes(':')) ?? addresses[0])?.address;
  return [
    ...['-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes'],
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(seen
      ? ['-o', `HostName=${seen.replaceAll('%', '%%')}`, '-o', `HostKeyAlias=${resolved.hostKey.primary}`]
      : []),
    // A name that begins with a dash is none: it needs no `--`, which waypipe would not understand.
    name,
  ];
}
