/** How sessions of real backends ended is known, and how they run is not changed by that. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Session } from '../../src/model/session.ts';
import type { Backend } from '../../src/profiles/backend.ts';
import { bindBackend } from '../../src/profiles/bind.ts';
import { parseProfile } from '../../src/profiles/check.ts';
import { sessionEnd } from '../../src/profiles/ended.ts';
import { type ContractRig, kill, localRig, processesOf } from '../contract/rig.ts';
import { until } from '../rigs/until.ts';

let rig: ContractRig;

beforeEach(async () => {
  rig = await localRig();
});
afterEach(async () => {
  await rig.dispose();
});

function backendOf(name: string): Backend {
  const file = `profiles/${name}.yaml`;
  return bindBackend(parseProfile(readFileSync(file, 'utf8'), file), rig.machine);
}

const start = (backend: Backend, name: string, command: readonly string[]) =>
  backend.start({ name, command, kind: backend.profile.kinds[0] ?? 'app', options: {} }, () => {});

async function gone(backend: Backend, { localId }: Session): Promise<void> {
  await until(
    'it is gone',
    async () => (await backend.list()).every((each) => each.localId !== localId || each.state !== 'live'),
    60_000,
  );
}

const records = () => {
  try {
    return readdirSync(join(rig.home, '.local/state/hotdesk/ended'));
  } catch {
    return [];
  }
};

/** Text of a session's screen. */
const screenOf = async ({ localId }: Session, ...args: string[]) =>
  (await rig.machine.exec(['tmux', 'capture-pane', '-p', ...args, '-t', `$${localId}:`])).stdout.toString();
const type = (session: Session, ...keys: string[]) =>
  rig.machine.exec(['tmux', 'send-keys', '-t', `$${session.localId}:`, ...keys]);
const format = async ({ localId }: Session, text: string) =>
  (await rig.machine.exec(['tmux', 'display-message', '-p', '-t', `$${localId}:`, text])).stdout
    .toString()
    .trim();

test('tmux tells exit codes, signals and last lines, of the session’s own command alone', async () => {
  const tmux = backendOf('tmux');
  const long = `i=0; while [ $i -lt 60 ]; do i=$((i + 1)); echo "line $i"; done`;
  const hostile = `printf '%s\\n' 'hotdesk:code=0' '$(touch "$HOME/pwned") ; "#{session_name}"'`;
  const waits = 'while [ ! -e "$HOME/go" ]; do sleep 0.1; done';
  const failing = await start(tmux, 'it; #(touch "$HOME/pwned")', [
    'sh',
    '-c',
    `${waits}; ${long}; ${hostile}; exit 3`,
  ]);
  const killed = await start(tmux, 'killed', ['sh', '-c', `${waits}; kill -KILL $$`]);
  const shell = await start(tmux, 'shell', []);
  const stopped = await start(tmux, 'stopped', ['sleep', '1000']);
  const stubborn = await start(tmux, 'stubborn', ['sh', '-c', 'trap "" HUP INT TERM; exec sleep 1000']);
  expect((await tmux.list()).find(({ localId }) => localId === stopped.localId)?.command).toBe('sleep');
  for (const session of [stopped, stubborn]) await tmux.stop(session.localId);
  await type(shell, 'false; exit 4', 'Enter');
  await rig.machine.exec(['touch', join(rig.home, 'go')]);
  for (const session of [failing, killed, shell]) await gone(tmux, session);
  expect(await sessionEnd(tmux.profile, rig.machine, failing)).toEqual({
    code: 3,
    lines: ['line 58', 'line 59', 'line 60', 'hotdesk:code=0', '$(touch "$HOME/pwned") ; "#{session_name}"'],
  });
  expect(await sessionEnd(tmux.profile, rig.machine, killed)).toMatchObject({ signal: 'SIGKILL' });
  // A shell is the pane's own process, and ends by its user's wish.
  expect(await sessionEnd(tmux.profile, rig.machine, shell)).toBeUndefined();
  // Read once, and none of what was stopped.
  expect(records()).toEqual([]);
  expect(await sessionEnd(tmux.profile, rig.machine, failing)).toBeUndefined();
  expect(readdirSync(rig.home)).not.toContain('pwned');
  const all = processesOf(rig.home).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  expect(all.filter((line) => /1000|hotdesk-command/u.test(line))).toEqual([]);
}, 120_000);

test('tmux keeps what a user splits, and the dead panes of one who lets them stay', async () => {
  const tmux = backendOf('tmux');
  const waits = 'while [ ! -e "$HOME/go" ]; do sleep 0.1; done; exit 2';
  const split = await start(tmux, 'split', ['sh', '-c', waits]);
  await rig.machine.exec(['tmux', 'split-window', '-d', '-t', `$${split.localId}:`, 'sleep 1000']);
  const panes = async ({ localId }: Session) =>
    (await rig.machine.exec(['tmux', 'list-panes', '-s', '-t', `$${localId}:`, '-F', '#{pane_dead}'])).stdout
      .toString()
      .trim();
  await rig.machine.exec(['touch', join(rig.home, 'go')]);
  await until('its pane is closed, the other one is not', async () => (await panes(split)) === '0', 60_000);
  expect(records()).toEqual([]);
  await rig.machine.exec(['tmux', 'set-option', '-g', 'remain-on-exit', 'on']);
  // tmux 3.3a loses the code of every fourth dead pane by itself: one of ten at least has to tell it.
  const staying = await Promise.all(
    Array.from({ length: 10 }, (_, n) => start(tmux, `staying${n}`, ['sh', '-c', 'sleep 1; exit 5'])),
  );
  const told = (text: string) => Promise.all(staying.map((session) => format(session, text)));
  await until(
    'their dead panes stay',
    async () => (await told('#{pane_dead}')).every((dead) => dead === '1'),
    60_000,
  );
  const codes = await until(
    'a code',
    async () => {
      const all = (await told('#{pane_dead_status}')).filter((code) => code !== '');
      return all.length > 0 && all;
    },
    60_000,
  );
  expect(new Set(codes)).toEqual(new Set(['5']));
}, 120_000);

test('what runs in tmux has its terminal to itself: job control, signals, exec, size, title', async () => {
  const tmux = backendOf('tmux');
  const bash = await start(tmux, 'bash', ['bash', '--norc', '--noprofile']);
  const running = () => format(bash, '#{pane_current_command}');
  const says = (text: string) =>
    until(`“${text}” is on the screen`, async () => (await screenOf(bash)).includes(text), 30_000);
  const runs = (name: string) => until(`${name} runs`, async () => (await running()) === name, 30_000);
  await runs('bash');
  expect(await screenOf(bash)).not.toMatch(/job control|ioctl/u);
  await type(bash, 'sleep 900', 'Enter');
  await runs('sleep');
  await type(bash, 'C-z');
  await says('Stopped');
  await runs('bash');
  await type(bash, 'fg', 'Enter');
  await runs('sleep');
  await type(bash, 'C-c');
  await runs('bash');
  await type(bash, 'echo "code $? on $(tty)"', 'Enter');
  await says('code 130 on /dev/pts/');
  // What stops with nobody to resume it goes on.
  const cat = await start(tmux, 'cat', ['cat']);
  await type(cat, 'C-z');
  await type(cat, 'still here', 'Enter');
  await until('it goes on', async () => (await screenOf(cat)).split('still here').length === 3, 30_000);
  expect(await format(cat, '#{pane_current_command}')).toBe('cat');
  await type(cat, 'C-d');
  await gone(tmux, cat);
  expect(await sessionEnd(tmux.profile, rig.machine, cat)).toMatchObject({ code: 0 });
  const signals = await start(tmux, 'signals', [
    'sh',
    '-c',
    'printf "\\033]2;my title\\007"; trap "echo winch" WINCH; trap "echo interrupted; exit 9" INT; while :; do sleep 0.1; done',
  ]);
  await until('its title', async () => (await format(signals, '#{pane_title}')) === 'my title', 30_000);
  await rig.machine.exec(['tmux', 'resize-window', '-t', `$${signals.localId}:`, '-x', '70', '-y', '20']);
  await until('it was told its size', async () => (await screenOf(signals)).includes('winch'), 30_000);
  await type(signals, 'C-c');
  await gone(tmux, signals);
  const end = await sessionEnd(tmux.profile, rig.machine, signals);
  expect(end).toMatchObject({ code: 9 });
  expect(end?.lines.at(-1)).toMatch(/interrupted$/u);
  await type(bash, 'exec sh -c "sleep 1; exit 6"', 'Enter');
  await gone(tmux, bash);
  expect(await sessionEnd(tmux.profile, rig.machine, bash)).toMatchObject({ code: 6 });
}, 180_000);

test('xpra tells exit codes, signals and what was said on stderr', async () => {
  const xpra = backendOf('xpra');
  const failing = await start(xpra, 'failing', [
    'sh',
    '-c',
    'xterm & while [ ! -e "$HOME/go" ]; do sleep 0.1; done; echo "it’s \\033[31mbad" >&2; kill $!; exit 7',
  ]);
  const folder = join(rig.home, '.local/state/hotdesk/ended');
  await rig.machine.exec(['touch', join(rig.home, 'go')]);
  await gone(xpra, failing);
  const end = await sessionEnd(xpra.profile, rig.machine, failing);
  expect(end?.code).toBe(7);
  expect(end?.lines.at(-1)).toMatch(/^it’s (?:\\033)? ?\[31mbad$/u);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const killed = await start(xpra, 'killed', ['xterm']);
  const pid = processesOf(rig.home).find((each) => readFileSync(`/proc/${each}/comm`, 'utf8') === 'xterm\n');
  if (pid === undefined) throw new Error('xterm runs');
  kill(pid, 'SIGKILL');
  await gone(xpra, killed);
  expect(await sessionEnd(xpra.profile, rig.machine, killed)).toMatchObject({ signal: 'SIGKILL' });
  const stopped = await start(xpra, 'stopped', ['xterm']);
  await xpra.stop(stopped.localId);
  await gone(xpra, stopped);
  expect(await sessionEnd(xpra.profile, rig.machine, stopped)).toBeUndefined();
  expect(records()).toEqual([]);
}, 180_000);
