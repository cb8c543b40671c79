/**
 * Which program asks for a password when a click needs one: that of SSH_ASKPASS, else a dialog that is
 * installed. Pure but for the question what is there.
 */
import { type AskingProgram, askpass } from '../client/prompting/askpass.ts';
import { forZenity } from './ask.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** ssh-askpass as distributions have it: an alternative, and OpenSSH's own for GNOME. */
const ASKPASS = [
  '/usr/bin/ssh-askpass',
  '/usr/lib/openssh/gnome-ssh-askpass',
  '/usr/libexec/openssh/gnome-ssh-askpass',
  '/usr/lib/ssh/ssh-askpass',
];

/**
 * @param has whether a program, by its path or its name in PATH, is there
 * @returns undefined where nothing can ask, or the user wants nothing to (SSH_ASKPASS_REQUIRE=never, ssh(1))
 */
export function dialogOf(env: Env, has: (program: string) => boolean): AskingProgram | undefined {
  if (env.SSH_ASKPASS_REQUIRE?.toLowerCase() === 'never') return undefined;
  const program = [env.SSH_ASKPASS ?? '', ...ASKPASS].find((each) => each !== '' && has(each));
  if (program !== undefined) return (text) => askpass(program)(undashed(text), false);
  if (has('zenity')) return zenity;
  return has('kdialog') ? kdialog : undefined;
}

const zenity: AskingProgram = (text, echo) => [
  ...['zenity', '--entry', '--title=hotdesk', `--text=${forZenity(text)}`],
  ...(echo ? [] : ['--hide-text']),
];

const kdialog: AskingProgram = (text, echo) => [
  ...['kdialog', '--title', 'hotdesk', echo ? '--inputbox' : '--password', forQt(undashed(text))],
];

/** Qt takes what looks like markup for markup. */
function forQt(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('&', '＆');
}

/** What begins with a dash could be taken for an option. */
function undashed(text: string): string {
  return text.replace(/^-+/u, '');
}
