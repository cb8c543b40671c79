/**
 * Shows a notification: by node-notifier, or where there is something to choose and notify-send can offer
 * it (libnotify 0.8), by notify-send itself, since node-notifier drops buttons on Linux.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { sanitise } from '../../kernel/text.ts';
import { inert } from './inert.ts';
import type { Notice } from './notice.ts';

const run = promisify(execFile);

/** Constant: what is remote is never first, and never an option. */
const TITLE = 'hotdesk';
/** Of each line, in UTF-16 units. */
const TEXT_LIMIT = 400;
/** A server that does not answer is not waited for, in ms. */
const SENT_MS = 10_000;

export interface Delivery {
  /** Settles with the id of the chosen option, or undefined when it was closed, timed out or has none. */
  readonly chosen: Promise<string | undefined>;
  /** Takes it from the screen, if it is there. */
  close(): void;
}

let offersActions: Promise<boolean> | undefined;

/**
 * @param icon file of our own picture
 * @param onFailure told why it could not be shown; nothing is thrown
 */
export function deliver(notice: Notice, icon: string, onFailure: (why: string) => void): Delivery {
  const text = [notice.text, ...(notice.lines ?? [])]
    .map((line) => sanitise(inert(line), TEXT_LIMIT))
    .join('\n');
  if (notice.options.length === 0) {
    void plain(text, icon).catch((error: unknown) => onFailure(String(error)));
    return { chosen: Promise.resolve(undefined), close: () => {} };
  }
  const controller = new AbortController();
  return {
    chosen: choose(notice, text, icon, controller.signal, onFailure),
    close: () => controller.abort(),
  };
}

async function choose(
  notice: Notice,
  text: string,
  icon: string,
  signal: AbortSignal,
  onFailure: (why: string) => void,
): Promise<string | undefined> {
  try {
    offersActions ??= hasActions();
    if (!(await offersActions)) {
      await plain(text, icon);
      return undefined;
    }
    const actions = notice.options.map(({ id, label }) => `--action=${id}=${label}`);
    const argv = ['--app-name=hotdesk', `--icon=${icon}`, ...actions, '--', TITLE, text];
    const sent = run('notify-send', argv);
    // On SIGINT notify-send takes the notification back.
    const takeBack = () => sent.child.kill('SIGINT');
    if (signal.aborted) takeBack();
    else signal.addEventListener('abort', takeBack, { once: true });
    const chosen = (await sent).stdout.trim();
    return notice.options.some(({ id }) => id === chosen) ? chosen : undefined;
  } catch (error) {
    if (!signal.aborted) onFailure(String(error));
    return undefined;
  }
}

/** `--action` came with libnotify 0.8. */
async function hasActions(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    const { stdout } = await run('notify-send', ['--version'], { timeout: SENT_MS });
    const [, major = 0, minor = 0] = /(\d+)\.(\d+)/u.exec(stdout)?.map(Number) ?? [];
    return major > 0 || minor >= 8;
  } catch {
    return false;
  }
}

async function plain(text: string, icon: string): Promise<void> {
  const { default: notifier } = await import('node-notifier');
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the notification server did not answer')), SENT_MS);
    late.unref();
    notifier.notify({ title: TITLE, message: text, icon, ...LINUX_ONLY }, (error: unknown) => {
      clearTimeout(late);
      // Where all went well node-notifier says ''.
      if (error) reject(error instanceof Error ? error : new Error(String(error)));
      else resolve();
    });
  });
}

/** Its types know the common options only. */
const LINUX_ONLY: Record<string, unknown> = { 'app-name': 'hotdesk' };
