/** `hotdesk tray --autostart on|off`. */
import { type AutostartRequest, installAutostart, removeAutostart } from '../platform/autostart.ts';
import { iconFolder } from './icons.ts';

/**
 * @param hotdesk argv of the hotdesk command
 * @returns the files that were written or removed, for people
 */
export function autostart(
  state: 'on' | 'off',
  hotdesk: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const request: AutostartRequest = {
    platform: process.platform,
    env,
    command: [...hotdesk, 'tray'],
    icons: { folder: iconFolder(), name: 'hotdesk' },
  };
  return state === 'on' ? installAutostart(request) : removeAutostart(request);
}
