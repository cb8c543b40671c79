// @ts-check
import { spawn } from 'node:child_process';

/** A step that did not work, with what its command said. */
export class StepFailed extends Error {
  /**
   * @param {string} message
   * @param {string} output
   */
  constructor(message, output) {
    super(message);
    this.output = shortened(output);
  }
}

/**
 * The beginning and the end of much text: what is wrong stands in one of them.
 * @param {string} text
 */
function shortened(text) {
  const lines = text.trim().split('\n');
  return lines.length <= 40 ? lines.join('\n') : [...lines.slice(0, 20), '…', ...lines.slice(-20)].join('\n');
}

/** Ended by Ctrl-C. */
export class StepCancelled extends Error {}

let cancelled = false;

/** Whether Ctrl-C was pressed since watchCtrlC(). */
export const isCancelled = () => cancelled;

/** From the first call on, Ctrl-C ends the running step (the terminal tells it too) and then the script. */
export function watchCtrlC() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.on(signal, () => {
      cancelled = true;
    });
  }
}

/** @param {number} since */
const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`;

/**
 * Shows that something goes on, once it has taken a second: a running line on a terminal, else one line.
 * @param {string} title
 * @returns {(said: string) => void} ends it with how it went
 */
function progress(title) {
  const started = Date.now();
  const terminal = process.stderr.isTTY;
  let shown = false;
  const timer = setInterval(() => {
    if (terminal) process.stderr.write(`\r${title} … ${seconds(started)} `);
    else if (!shown) process.stderr.write(`${title} …\n`);
    shown = true;
  }, 1000);
  return (said) => {
    clearInterval(timer);
    if (shown && terminal) process.stderr.write('\r\x1b[K');
    if (shown) process.stderr.write(`${title}: ${said} (${seconds(started)})\n`);
  };
}

/**
 * Runs a command; what it says is kept, and shown when it fails.
 * @param {string} title for the progress line
 * @param {readonly string[]} argv
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, talks?: boolean }} [options] `talks`: it asks the user something, so it has the terminal
 * @returns {Promise<string>} its output
 * @throws {StepFailed | StepCancelled}
 */
export function step(title, argv, options = {}) {
  const [command = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const talks = options.talks === true;
    const done = talks ? () => {} : progress(title);
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: talks ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => {
      done('failed');
      reject(new StepFailed(`${title} failed: ${error.message}`, ''));
    });
    child.on('close', (code, signal) => {
      if (cancelled) {
        done('stopped');
        reject(new StepCancelled());
      } else if (code === 0) {
        done('done');
        resolve(output);
      } else {
        done('failed');
        reject(
          new StepFailed(`${title} failed (${signal ?? `exit code ${code}`}): ${argv.join(' ')}`, output),
        );
      }
    });
  });
}
