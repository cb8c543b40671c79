/** Which backend goes first where several can do it. Pure. */
import { byText } from '../kernel/text.ts';
import type { Profile } from '../model/profile.ts';

/**
 * Within a kind of session the earlier one: what shows single windows before what shows a desktop of
 * its own, what redraws a terminal before what only keeps it, what needs no further program before
 * what does. A profile that is not here comes after those that are.
 */
const ORDER: readonly string[] = [
  'xpra',
  'vnc',
  'x2go',
  'xpra-desktop',
  'xephyr',
  'xnest',
  'rdp',
  'xspice',
  'tmux',
  'screen',
  'dtach',
  'vnc-shadow',
  'xpra-shadow',
  'rdp-shadow',
];

/** `profiles` by preference: the user's own order, then ours. */
export function byPreference(profiles: readonly Profile[], own: readonly string[]): Profile[] {
  const names = [...own, ...ORDER];
  const place = ({ name }: Profile) => (names.includes(name) ? names.indexOf(name) : names.length);
  return [...profiles].sort((a, b) => place(a) - place(b) || byText(a.name, b.name));
}
