/** Who answers the questions of a command: the terminal, or the program of SSH_ASKPASS, as ssh(1) decides it. Pure. */

type Env = Readonly<Record<string, string | undefined>>;

/** Where ssh looks when SSH_ASKPASS is not set. */
const DEFAULT_PROGRAM = '/usr/bin/ssh-askpass';

export type Answerer =
  | { readonly kind: 'terminal' }
  | { readonly kind: 'askpass'; readonly program: string }
  | { readonly kind: 'nobody' };

/** @param hasTerminal whether there is a controlling terminal (/dev/tty) */
export function answererOf(env: Env, hasTerminal: () => boolean): Answerer {
  const isSeat = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
  const require = env.SSH_ASKPASS_REQUIRE?.toLowerCase();
  const may = require === 'force' || (require !== 'never' && isSeat);
  const askpass: Answerer = { kind: 'askpass', program: env.SSH_ASKPASS || DEFAULT_PROGRAM };
  if (may && (require === 'force' || require === 'prefer')) return askpass;
  if (hasTerminal()) return { kind: 'terminal' };
  return may ? askpass : { kind: 'nobody' };
}
