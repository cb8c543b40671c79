/** Shows a terminal session in the terminal that the command runs in. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Client } from '../../client/client.ts';
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { findDaemon } from '../../kernel/programs.ts';
import { circumstancesOf, installCure } from '../../model/cures.ts';
import type { HostSession } from '../../model/session.ts';
import type { Result } from '../../protocol/api.ts';
import { placesOf } from '../../protocol/places.ts';
import type { Run } from '../shell.ts';
import type { View } from '../shown.ts';
import { typed } from '../typed.ts';
import { relay } from './relay.ts';

type Wanted = Pick<HostSession, 'ref' | 'name' | 'host'>;

/**
 * Opens the session here and returns when it is left, saying why.
 * @throws HotdeskError `not-supported` (no terminal session), `no-seat` (this is no terminal), …
 */
export async function attachTerminal(run: Run, wanted: Wanted, view: View): Promise<void> {
  if (!run.console.isInteractive) {
    throw new HotdeskError('no-seat', 'This is no terminal: standard input or output is redirected.', {
      hint: 'Run it in a terminal, or on a display.',
    });
  }
  const client = await run.connect();
  const opened = await run.call(
    'terminal.open',
    {
      ref: wanted.ref,
      mode: view.mode,
      options: { ...view.options },
      term: termOf(run.shell.env.TERM),
      ...sizeOf(run),
      ...(view.viewerId === undefined ? {} : { viewerId: view.viewerId }),
    },
    `opening ${wanted.name}`,
  );
  await run.interrupt.paused(() =>
    opened.argv ? runHere(run, opened, opened.argv) : overSocket(run, client, opened),
  );
  run.console.note(await whyEnded(run, client, opened));
}

/** What the agent accepts as TERM; anything else would not be known there either. */
function termOf(term: string | undefined): string {
  return term && /^[A-Za-z0-9._+-]{1,100}$/u.test(term) ? term : 'xterm-256color';
}

function sizeOf(run: Run): { columns: number; rows: number } {
  const { stdout } = run.shell.streams;
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}

function circumstances({ shell: { uid, env } }: Run) {
  return circumstancesOf(uid, (program) => findDaemon(program, env.PATH) !== undefined, existsSync);
}

/** The session is on this machine: its own client gets the terminal itself. */
function runHere(run: Run, opened: Result<'terminal.open'>, argv: readonly string[]): Promise<void> {
  const [command = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...run.shell.env, ...opened.env } });
    const stop = () => child.kill('SIGTERM');
    run.interrupt.signal.addEventListener('abort', stop, { once: true });
    child.once('error', (cause) =>
      reject(
        new HotdeskError('viewer-missing', `${command} could not be started.`, {
          hint: `Install it: ${installCure({ apt: command }, circumstances(run))}`,
          cause,
        }),
      ),
    );
    child.once('exit', () => {
      run.interrupt.signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}

async function overSocket(run: Run, client: Client, opened: Result<'terminal.open'>): Promise<void> {
  if (opened.socket === undefined) throw new HotdeskError('protocol-error', 'The agent gave no terminal.');
  const { stdout } = run.shell.streams;
  const resized = () => {
    client.call('terminal.resize', { viewerId: opened.viewerId, ...sizeOf(run) }).catch(() => {});
  };
  stdout.on('resize', resized);
  try {
    await relay(opened.socket, run.shell.streams, run.interrupt.signal);
  } finally {
    stdout.off('resize', resized);
  }
}

/** One line: it ended, it is shown elsewhere now, or it was detached. */
async function whyEnded(run: Run, client: Client, opened: Result<'terminal.open'>): Promise<string> {
  const { session, viewerId } = opened;
  const { name, host } = session;
  try {
    const now = await client.call('info', { ref: session.ref });
    const around = await client.call('catalogue', { look: 'none', waitMs: 0 });
    const others = now.session.watchers.filter((watcher) => watcher.viewerId !== viewerId);
    const before = session.watchers.map((watcher) => JSON.stringify(watcher));
    const fresh = others.filter((watcher) => !before.includes(JSON.stringify(watcher)));
    const places = placesOf({ ...now.session, watchers: fresh }, { ...around, viewers: [] });
    const elsewhere = places
      .filter((place) => !place.isHere && place.host !== '?')
      .map((place) => place.host);
    if (elsewhere.length > 0) return `${name} is shown at ${elsewhere.join(', ')} now.`;
    return `Detached from ${name}; it goes on at ${host}. Back to it: hotdesk attach ${typed(session)}`;
  } catch (error) {
    const { code, message } = toHotdeskError(error);
    if (code === 'session-gone' || code === 'unknown-session') return `${name} on ${host} has ended.`;
    run.console.verbose(message);
    return `${name} is not shown here any more.`;
  }
}
