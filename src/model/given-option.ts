import { HotdeskError } from '../kernel/errors.ts';

/** Options of a profile as they are given on a command line. */
export type GivenOptions = Record<string, string | number | boolean>;

/**
 * `name=value`; `name` alone means yes. The value stays text: what type it has is the profile's to say.
 * @throws HotdeskError `bad-option`
 */
export function parseOption(text: string): GivenOptions {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  if (!/^[\w-]+$/u.test(name)) {
    throw new HotdeskError('bad-option', `“${text}” is not NAME=VALUE.`, {
      hint: 'For example: --option quality=80.',
    });
  }
  return { [name]: at < 0 ? true : text.slice(at + 1) };
}
