import { SEAT_VARIABLES } from '../model/seat-of.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Part of a seat's environment that is true of the whole machine or of the user. */
const SHARED: readonly string[] = ['XDG_RUNTIME_DIR', 'XDG_DATA_DIRS', 'LANG', 'LC_ALL', 'LC_CTYPE'];

/** What is true of one terminal or shell only. */
const TERMINAL = [
  'TERM',
  'COLORTERM',
  'COLUMNS',
  'LINES',
  'WINDOWID',
  'TMUX',
  'TMUX_PANE',
  'STY',
  'PWD',
  'OLDPWD',
  'SHLVL',
  '_',
];

const DROPPED: ReadonlySet<string> = new Set([
  ...SEAT_VARIABLES.filter((name) => !SHARED.includes(name)),
  'XDG_SESSION_ID',
  'XDG_SEAT',
  'XDG_VTNR',
  'SESSION_MANAGER',
  'DESKTOP_STARTUP_ID',
  'XDG_ACTIVATION_TOKEN',
  ...TERMINAL,
]);

/**
 * The environment of an agent that a command starts: the user's (PATH, SSH_AUTH_SOCK, what sessions
 * inherit), without what belongs to the seat and terminal of that one command. A viewer gets the
 * environment of the seat that asks for it, never this one.
 */
export function agentEnvironment(env: Env): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !DROPPED.has(name) && !/^(?:LC_TERMINAL|TERM_PROGRAM|VTE_)/u.test(name)) {
      kept[name] = value;
    }
  }
  return kept;
}
