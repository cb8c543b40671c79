/** What a viewer runs with: its seat's environment and a minimal base, never the agent's desktop. Pure. */
import { SEAT_VARIABLES, type Seat } from '../model/seat.ts';

/** Of the agent's environment: who and where the user is. */
const BASE = ['HOME', 'USER', 'LOGNAME', 'SHELL', 'PATH', 'TMPDIR', 'TZ', 'LANG'];
/** So that the hotdesk command in a terminal emulator finds this very agent. */
const OURS = ['HOTDESK_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME'];

type Env = Readonly<Record<string, string | undefined>>;
/** Where the programs that keep sessions look for them: tmux(1), screen(1). In another place they find others, or none. */
const KEEPERS = ['TMUX_TMPDIR', 'SCREENDIR'];

/** @param own the agent's environment @param command the viewer command's own variables */
export function viewerEnvironment(
  own: Env,
  seat: Seat,
  command: Readonly<Record<string, string>>,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of [...BASE, ...OURS, ...KEEPERS]) {
    const value = own[name];
    if (value) env[name] = value;
  }
  for (const name of SEAT_VARIABLES) {
    const value = seat.env[name];
    if (value) env[name] = value;
  }
  return { ...env, ...command };
}
