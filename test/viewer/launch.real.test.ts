import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { launchViewer, type ViewerProgram } from '../../src/viewer/launch.ts';
import { until } from '../rigs/until.ts';

const seat = { id: ':77', kind: 'x11', env: { DISPLAY: ':77' } } as const;
const program = (script: string, change: Partial<ViewerProgram> = {}): ViewerProgram => ({
  argv: ['sh', '-c', script],
  env: {},
  ready: /^shown/u,
  timeoutMs: 5000,
  ...change,
});

function alive(pid: number): boolean {
  try {
    // The state is the first field behind the name; a zombie is gone.
    return !/\) Z/u.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('it is shown at its ready line, lives on, and ends with what it started when asked', async () => {
  const viewer = await launchViewer(program('sleep 300 & echo "child $!"; echo shown >&2; wait'), seat);
  await viewer.shown;
  expect(alive(viewer.pid)).toBe(true);
  const end = await viewer.terminate();
  expect(end).toMatchObject({ signal: 'TERM', said: expect.stringContaining('shown') });
  const child = Number(/child (\d+)/u.exec(end.said)?.[1]);
  await until('its child is gone', () => !alive(child));
});

test('of what it reads nothing stays where not all of it can be written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hotdesk-launch-'));
  const files = ['secret', 'gone/secret'].map((name) => ({
    path: join(folder, name),
    data: Buffer.from('x'),
  }));
  await expect(launchViewer(program('echo shown', { files }), seat)).rejects.toMatchObject({
    code: 'viewer-failed',
    hint: expect.stringContaining('df -h'),
  });
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

test('one that does not listen to SIGTERM is killed', async () => {
  const viewer = await launchViewer(program('trap "" TERM; echo shown; while :; do sleep 0.1; done'), seat);
  await viewer.shown;
  expect(await viewer.terminate(200)).toMatchObject({ signal: 'KILL' });
});

test('one that ends before it shows is told with its code and last words', async () => {
  const viewer = await launchViewer(program('echo "cannot open display" >&2; exit 3'), seat);
  await expect(viewer.shown).rejects.toMatchObject({
    code: 'viewer-failed',
    message: expect.stringMatching(/ended with 3 .*cannot open display/u),
  });
  expect(await viewer.exited).toMatchObject({ code: 3 });
});

test('one that would only say in its window that it fails is ended at once', async () => {
  const said = { refused: /bad ticket/u, fails: /no route: (?<why>.+)|gone/u };
  const launch = (text: string) => launchViewer(program(`echo "${text}"; exec sleep 300`, said), seat);
  const refused = await launch('bad ticket');
  await expect(refused.shown).rejects.toMatchObject({ code: 'auth-failed', hint: expect.any(String) });
  const failed = await launch('no route: nothing there.');
  await expect(failed.shown).rejects.toMatchObject({
    code: 'viewer-failed',
    message: 'sh cannot show it: nothing there.',
  });
  const gone = await launch('it is gone');
  await expect(gone.shown).rejects.toMatchObject({ message: 'sh cannot show it: it is gone.' });
  for (const each of [refused, failed, gone]) expect(await each.exited).toMatchObject({ signal: 'TERM' });
  // Afterwards those lines mean nothing.
  const shown = await launchViewer(program('echo shown; echo gone; exec sleep 300', said), seat);
  await shown.shown;
  expect(alive(shown.pid)).toBe(true);
  await shown.terminate();
});

test('one that connects is not ended until it shows, whoever wants its end', async () => {
  const script = 'echo connects; sleep 0.6; echo shown; exec sleep 300';
  const launch = async (signal?: AbortSignal) => {
    const heard: string[] = [];
    const options = { signal, onLine: (line: string) => heard.push(line) };
    const viewer = await launchViewer(program(script, { connects: /^connects/u }), seat, options);
    await until('it connects', () => heard.includes('connects'));
    return { viewer, heard };
  };
  const ended = await launch();
  expect(await ended.viewer.terminate(50)).toMatchObject({ signal: 'TERM' });
  const controller = new AbortController();
  const left = await launch(controller.signal);
  controller.abort();
  await expect(left.viewer.shown).rejects.toMatchObject({ code: 'cancelled' });
  expect(await left.viewer.exited).toMatchObject({ signal: 'TERM' });
  for (const { heard } of [ended, left]) expect(heard).toEqual(['connects', 'shown']);
});

test('one that has said that it connects is not ended either when that was not read yet', async () => {
  const folder = mkdtempSync('/tmp/hotdesk-launch-');
  const script = `echo connects; : >${folder}/said; sleep 0.6; echo shown; exec sleep 300`;
  const heard: string[] = [];
  const viewer = await launchViewer(program(script, { connects: /^connects/u }), seat, {
    onLine: (line) => heard.push(line),
  });
  // Nothing is read meanwhile.
  while (!existsSync(`${folder}/said`));
  expect(heard).toEqual([]);
  expect(await viewer.terminate(50)).toMatchObject({ signal: 'TERM' });
  expect(heard).toEqual(['connects', 'shown']);
  rmSync(folder, { recursive: true });
});

test('one that has connected and has nothing to show counts as shown', async () => {
  const script = 'echo connects; exec sleep 300';
  const viewer = await launchViewer(program(script, { connects: /^connects/u, timeoutMs: 20_000 }), seat);
  const began = performance.now();
  await viewer.shown;
  expect(performance.now() - began).toBeGreaterThan(2500);
  await viewer.terminate();
});

test('files that are named by its process go with it', async () => {
  const folder = mkdtempSync('/tmp/hotdesk-launch-');
  const hex = '$(printf %016X $$)';
  const make = `: >${folder}/a_$$; : >${folder}/b_${hex}; : >${folder}/mine; echo shown; exec sleep 300`;
  const leaves = [`${folder}/a_{pid}`, `${folder}/b_{pidHex}`];
  const viewer = await launchViewer(program(make, { leaves }), seat);
  await viewer.shown;
  expect(readdirSync(folder)).toHaveLength(3);
  await viewer.terminate();
  expect(readdirSync(folder)).toEqual(['mine']);
  rmSync(folder, { recursive: true });
});

test('one that shows nothing in time, or is cancelled, is ended', async () => {
  const slow = await launchViewer(program('echo loading; exec sleep 300', { timeoutMs: 200 }), seat);
  await expect(slow.shown).rejects.toMatchObject({
    code: 'timeout',
    message: expect.stringContaining('loading'),
  });
  await slow.exited;
  const controller = new AbortController();
  const cancelled = await launchViewer(program('exec sleep 300'), seat, { signal: controller.signal });
  controller.abort();
  await expect(cancelled.shown).rejects.toMatchObject({ code: 'cancelled' });
  await cancelled.exited;
  expect(alive(cancelled.pid)).toBe(false);
});

test('the environment is the seat’s, whatever the agent has', async () => {
  const env = { ...process.env, DISPLAY: ':1', SECRET: 'x' };
  const viewer = await launchViewer(
    program('echo shown; env | grep -c ^SECRET; echo "$DISPLAY $TAG"', { env: { TAG: 't' } }),
    seat,
    { env },
  );
  expect((await viewer.exited).said).toBe('shown 0 :77 t');
  await viewer.shown.catch(() => {});
});

test('a viewer that is not installed is named', async () => {
  await expect(launchViewer(program('', { argv: ['no-such-viewer'] }), seat)).rejects.toMatchObject({
    code: 'viewer-missing',
    message: expect.stringContaining('no-such-viewer'),
  });
});

test('its files and its folder are private, and go with it, whatever it put there', async () => {
  const base = mkdtempSync(join(tmpdir(), 'hotdesk-viewer-'));
  const folder = join(base, 'own');
  const file = { path: join(base, 'word'), data: Buffer.from('sesame') };
  const script = `cat ${file.path} >${folder}/copy && echo shown; exec sleep 300`;
  const viewer = await launchViewer(program(script, { files: [file], folder }), seat);
  await viewer.shown;
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(file.path).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, 'copy'), 'utf8')).toBe('sesame');
  await viewer.terminate();
  expect(readdirSync(base)).toEqual([]);
  rmSync(base, { recursive: true });
});

test('a file that is only for the beginning goes when it shows', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hotdesk-launch-'));
  const once = { path: join(folder, 'once'), data: Buffer.from('secret'), untilShown: true };
  const kept = { path: join(folder, 'kept'), data: Buffer.from('kept') };
  const script = `cat ${once.path} ${kept.path}; echo; echo shown; exec sleep 300`;
  const viewer = await launchViewer(program(script, { files: [once, kept] }), seat);
  await viewer.shown;
  await until('it is gone', () => readdirSync(folder).join() === 'kept');
  expect((await viewer.terminate()).said).toContain('secretkept');
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});
