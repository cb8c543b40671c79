/** The list of typed-in hosts, as the setting `hosts` holds it. Pure. */
import { HotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import { isRdpUrl, parseRdpTarget } from '../model/rdp-target.ts';

export interface ManualHost {
  readonly name: string;
  /** What `ssh` takes: an alias, address, user@address, address:port. Or `rdp://[user@]address[:port]`. */
  readonly target: string;
}

/** @throws HotdeskError `bad-argument` if that name is there with another target */
export function addHost(now: readonly ManualHost[], name: string, target = name): readonly ManualHost[] {
  const same = now.find((host) => host.name === name);
  if (!same) return [...now, { name, target }];
  if (same.target === target) return now;
  throw new HotdeskError('bad-argument', `There is a host ${name} already (${same.target}).`, {
    hint: `Remove it first: \`hotdesk hosts remove ${name}\`.`,
  });
}

/**
 * What is written for a host that speaks RDP. @param text `[user@]address[:port]`, with or without `rdp://`
 * @throws HotdeskError `bad-argument`
 */
export function rdpUrlOf(text: string): string {
  const url = isRdpUrl(text) ? text : `rdp://${text}`;
  if (parseRdpTarget(url) !== undefined) return url;
  throw new HotdeskError('bad-argument', `“${sanitise(text, 60)}” is not where RDP could be.`, {
    hint: 'Write [user@]address[:port], and an IPv6 address in brackets.',
  });
}

/** @throws HotdeskError `unknown-host` with those there are */
export function removeHost(now: readonly ManualHost[], name: string): readonly ManualHost[] {
  const left = now.filter((host) => host.name !== name);
  if (left.length < now.length) return left;
  throw new HotdeskError('unknown-host', `No host ${name} was added by hand.`, {
    candidates: now.map((host) => host.name),
    hint: 'Those that a finder finds go by themselves when they are switched off.',
  });
}
