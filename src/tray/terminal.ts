/** A terminal window that runs one of our own commands. Pure but for the question what is installed. */
import { HotdeskError } from '../kernel/errors.ts';

/** Emulators by preference, and what goes before the command. */
const EMULATORS: readonly (readonly [program: string, ...args: string[]])[] = [
  ['gnome-terminal', '--'],
  ['konsole', '-e'],
  ['xfce4-terminal', '-x'],
  ['foot'],
  ['kitty'],
  ['alacritty', '-e'],
  ['xterm', '-e'],
  ['x-terminal-emulator', '-e'],
];

export interface Window {
  /** argv of the command in it. */
  readonly command: readonly string[];
  /** Keep what it said on the screen until a key. */
  readonly stays: boolean;
}

export interface Place {
  readonly platform: NodeJS.Platform;
  /** Is such a program in PATH? */
  has(program: string): boolean;
}

/**
 * argv that opens the window.
 * @throws HotdeskError `command-missing` where no emulator is known; `bad-argument` for what cannot be said
 */
export function terminalCommand(window: Window, { platform, has }: Place): string[] {
  if (platform === 'darwin') return ['osascript', '-e', appleScript(window)];
  if (platform === 'win32') return ['cmd', '/d', '/c', 'start', 'hotdesk', ...windowsCommand(window)];
  const found = EMULATORS.find(([program]) => has(program));
  if (!found) {
    throw new HotdeskError('command-missing', 'There is no terminal emulator that hotdesk knows.', {
      hint: `Install one of ${EMULATORS.map(([program]) => program).join(', ')}.`,
    });
  }
  return [...found, ...posixCommand(window)];
}

/** The command is positional parameters: none of it is shell text. */
const STAY = '"$@"; printf "\\nPress Enter to close."; read -r _';

function posixCommand({ command, stays }: Window): string[] {
  return stays ? ['sh', '-c', STAY, 'sh', ...command] : [...command];
}

/** Terminal.app takes a line of a shell, inside of a text of AppleScript. */
function appleScript({ command }: Window): string {
  const line = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const text = line.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `tell application "Terminal" to activate\ntell application "Terminal" to do script "${text}"`;
}

/** No quoting is safe in cmd.exe, so only words that need none are said. */
function windowsCommand({ command, stays }: Window): string[] {
  const bad = command.find((word) => !/^[\w .:\\/@=+,~-]+$/u.test(word));
  if (bad !== undefined) {
    throw new HotdeskError('bad-argument', `“${bad.slice(0, 60)}” cannot be said to a Windows terminal.`);
  }
  return ['cmd', '/d', stays ? '/k' : '/c', ...command];
}
