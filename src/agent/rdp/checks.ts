/** What can be told of a host that speaks RDP alone, without logging in. Pure. */
import type { HotdeskError } from '../../kernel/errors.ts';
import type { Host } from '../../model/host.ts';
import type { Check } from '../../protocol/api.ts';

export interface RdpFacts {
  readonly host: Host;
  readonly port: number;
  /** It answered: whether it wants NLA; or why nothing is known of it. */
  readonly answer: { readonly nla: boolean } | HotdeskError;
  /** Why its certificate is not believed. */
  readonly trust: HotdeskError | undefined;
  /** Program that would show it here. */
  readonly viewer: string | undefined;
}

/** In the order in which they would be met. */
export function rdpChecks({ host, port, answer, trust, viewer }: RdpFacts): Check[] {
  const where = host.addresses.map(({ address }) => address).join(', ');
  const checks: Check[] = [
    { name: 'found', state: 'ok', detail: `by ${host.finders.join(', ')}${where ? ` at ${where}` : ''}` },
  ];
  if ('code' in answer) {
    checks.push({
      name: 'rdp',
      state: 'failed',
      detail: answer.message,
      hint:
        answer.hint ?? `Is it on, is remote desktop switched on there, does a firewall drop port ${port}?`,
    });
    checks.push({ name: 'certificate', state: 'skipped', detail: 'not tried: see rdp' });
  } else {
    const login = answer.nla ? 'the login is asked for first (NLA)' : 'TLS, with a login of its own';
    checks.push({ name: 'rdp', state: 'ok', detail: `port ${port} answers: ${login}` });
    checks.push(
      trust
        ? {
            name: 'certificate',
            state: trust.code === 'host-key-unknown' ? 'warning' : 'failed',
            detail: trust.message,
            ...(trust.hint === undefined ? {} : { hint: trust.hint }),
          }
        : { name: 'certificate', state: 'ok', detail: 'known, and the one it was' },
    );
  }
  checks.push({
    name: 'login, sessions',
    state: 'skipped',
    detail: 'RDP tells neither before somebody logs in',
  });
  checks.push(
    viewer === undefined
      ? {
          name: 'viewer',
          state: 'warning',
          detail: 'no xfreerdp here',
          hint: 'Install it: `sudo apt install freerdp2-x11`.',
        }
      : { name: 'viewer', state: 'ok', detail: viewer },
  );
  return checks;
}
