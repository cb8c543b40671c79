/** Programs of the desktop that the tray starts: terminal windows, and questions. */
import { execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { HotdeskError } from '../kernel/errors.ts';
import { questionCommand } from './ask.ts';
import { terminalCommand } from './terminal.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A question may stand as long as a person is away. */
const ANSWER_LIMIT = 64 * 1024;

/** @param program a name, or an absolute path */
export function isInPath(program: string, env: Env): boolean {
  if (isAbsolute(program)) return isExecutable(program);
  const folders = (env.PATH ?? '').split(delimiter);
  return folders.some((folder) => folder !== '' && isExecutable(join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @throws HotdeskError `command-missing`, `bad-argument` */
export function openTerminal(command: readonly string[], stays: boolean, env: Env): void {
  const place = { platform: process.platform, has: (program: string) => isInPath(program, env) };
  const [program = '', ...args] = terminalCommand({ command, stays }, place);
  const child = spawn(program, args, { env, cwd: env.HOME ?? '/', detached: true, stdio: 'ignore' });
  // What it could not be started for is seen by the user: there is no window.
  child.on('error', () => {});
  child.unref();
}

/**
 * @returns undefined when the user closes the question
 * @throws HotdeskError `command-missing` where nothing can ask
 */
export function askUser(
  title: string,
  text: string,
  value: string | undefined,
  env: Env,
): Promise<string | undefined> {
  const argv = questionCommand({ title, text, ...(value === undefined ? {} : { value }) }, (program) =>
    isInPath(program, env),
  );
  if (!argv) {
    throw new HotdeskError('command-missing', 'There is no program that could ask for a command.', {
      hint: 'Install zenity or kdialog, or use `hotdesk start HOST -- COMMAND` in a terminal.',
    });
  }
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    execFile(program, args, { env: { ...env }, maxBuffer: ANSWER_LIMIT }, (error, stdout) => {
      resolve(error ? undefined : stdout.replace(/\r?\n$/u, ''));
    });
  });
}
