/** The program's file and its start, as they fail in the world. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TrayProcess } from '../../../src/tray/systray/process.ts';
import { runnable, unusableOn } from '../../../src/tray/systray/program.ts';
import { until } from '../../rigs/until.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotdesk-program-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('where it runs', () => {
  const on = (platform: NodeJS.Platform, arch: string, glibc = true) =>
    unusableOn({ platform, arch, exists: () => glibc });
  it('is known before it is tried', () => {
    expect(on('linux', 'x64')).toBeUndefined();
    expect(on('darwin', 'arm64')).toBeUndefined();
    expect(on('win32', 'x64')).toBeUndefined();
    expect(on('linux', 'arm64')).toMatch(/arm64/u);
    expect(on('linux', 'x64', false)).toMatch(/C library/u);
    expect(on('freebsd', 'x64')).toMatch(/freebsd/u);
  });
});

it('is executable, though npm delivers it without that right', () => {
  const program = runnable(folder);
  chmodSync(program, 0o644);
  expect(statSync(runnable(folder)).mode & 0o111).not.toBe(0);
});

const script = (text: string): string => {
  const file = path.join(folder, 'program');
  writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return file;
};
const MENU = { icon: '', title: '', tooltip: '', items: [] };
const start = (file: string, env = process.env) =>
  TrayProcess.start(file, env, MENU, { onClick: () => {}, onExit: () => {}, onMissed: () => {} });

describe('a start', () => {
  it('fails with what the program said', async () => {
    const file = script('echo "error while loading shared libraries: libappindicator3.so.1" >&2; exit 127');
    await expect(start(file)).rejects.toMatchObject({
      code: 'viewer-failed',
      message: /127.*libappindicator3/u,
    });
  });

  it('fails without a display', async () => {
    const { DISPLAY: _, WAYLAND_DISPLAY: __, ...env } = process.env;
    await expect(start(runnable(folder), env)).rejects.toMatchObject({ code: 'viewer-failed' });
  });

  it('leaves nothing of what it wrote, even when it is killed', async () => {
    const told = path.join(folder, 'told');
    const file = script(
      `touch "$TMPDIR/icon"; echo "$TMPDIR" >${told}; echo '{"type":"ready"}'; exec sleep 60`,
    );
    const program = await start(file);
    const scratch = readFileSync(told, 'utf8').trim();
    expect(existsSync(path.join(scratch, 'icon'))).toBe(true);
    await program.end();
    expect(existsSync(scratch)).toBe(false);
  });

  it('does not run what lies in the current folder', async () => {
    const planted = path.join(folder, 'traybin');
    const before = process.cwd();
    const mark = path.join(folder, 'ran');
    mkdirSync(planted);
    writeFileSync(path.join(planted, 'tray_linux_release'), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
    process.chdir(folder);
    try {
      expect(runnable(folder)).not.toContain(folder);
      const { DISPLAY: _, ...env } = process.env;
      await start(runnable(folder), env).catch(() => {});
    } finally {
      process.chdir(before);
    }
    expect(existsSync(mark)).toBe(false);
  });

  it('is not given up for a suspend in the middle of it', async () => {
    const told = path.join(folder, 'told');
    const file = script(
      `echo $$ >${told}.new; mv ${told}.new ${told}; kill -STOP $$; sleep 0.3; echo '{"type":"ready"}'; exec sleep 60`,
    );
    const starting = start(file);
    const pid = Number(await until('it has begun', () => existsSync(told) && readFileSync(told, 'utf8')));
    // Nobody runs: its word cannot come, nor can anything be done about that here.
    execFileSync('sleep', ['5.5']);
    process.kill(pid, 'SIGCONT');
    await (await starting).end();
  }, 30_000);

  it('is given up when nothing is said', async () => {
    await expect(start(script('sleep 60'))).rejects.toMatchObject({ message: /nothing for 5 s/u });
  }, 30_000);
});

it('a program that does not end is made to', async () => {
  const running = await start(script(`trap '' TERM; echo '{"type":"ready"}'; while :; do sleep 0.1; done`));
  const { pid } = running;
  await running.end();
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

it('noise on its output is no click', async () => {
  const clicks: number[] = [];
  const noise = `echo '{"type":"ready"}'; echo Quit; echo '{"type":"clicked","__id":"x"}'; echo null; echo '{"type":"clicked","__id":7}'; sleep 60`;
  const running = await TrayProcess.start(script(noise), process.env, MENU, {
    onClick: (id) => clicks.push(id),
    onExit: () => {},
    onMissed: () => {},
  });
  await until('the click', () => clicks.length > 0);
  await running.end();
  expect(clicks).toEqual([7]);
});
