import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { localMachine } from '../../src/platform/local-machine.ts';
import { readApplications } from '../../src/viewer/applications.ts';
import { parseExec } from '../../src/viewer/exec-key.ts';
import { unescapeString } from '../../src/viewer/key-file.ts';
import { until } from '../rigs/until.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'hotdesk-apps-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string | Buffer, mode = 0o644): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
  return file;
}
const entry = (name: string, ...lines: string[]) =>
  `[Desktop Entry]\nType=Application\nName=${name}\nExec=true\n${lines.join('\n')}\n`;

it('reads a host with the folders, precedence and translations of its user, and sees what changes', async () => {
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: join(folder, 'home'),
    XDG_DATA_DIRS: `relative:${join(folder, 'b')}:${join(folder, 'sys tem')}/:`,
  };
  const machine = localMachine('here', env);
  const known = async (revision: string) => {
    const read = await readApplications(machine, revision, 'de_DE.UTF-8');
    return { ...read, rows: read.applications?.map(({ id, name }) => `${id}: ${name}`) };
  };
  expect(await known('')).toMatchObject({ revision: 'none', rows: [] });

  write('home/.local/share/applications/own.desktop', entry('Mine', 'Name[de]=Meins', 'Name[fr]=Mien'));
  write('home/.local/share/applications/gone.desktop', entry('Gone', 'Hidden=true'));
  write('b/applications/own.desktop', entry('Theirs'));
  write('sys tem/applications/gone.desktop', entry('Shadowed'));
  write('sys tem/applications/kde/deep one.desktop', entry('Deep', 'Name[de]=Tief').replace(/\n/gu, '\r\n'));
  write('sys tem/applications/no end.desktop', entry('No newline').trimEnd());
  write(
    'sys tem/applications/damaged.desktop',
    Buffer.concat([Buffer.from(entry('D')), Buffer.from([0, 255, 10])]),
  );
  write('sys tem/applications/elsewhere.desktop', entry('Missing', 'TryExec=/nonexistent/x'));
  write('sys tem/applications/hotdesk-mark end.desktop', entry('Odd'));
  write('home/.local/share/flatpak/exports/share/applications/flat.desktop', entry('Flat'));
  const game = write('home/.local/bin/own-game', '#!/bin/sh\n', 0o755);
  write('b/applications/game.desktop', entry('Play').replace('Exec=true', 'Exec=own-game --full'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'b/applications/broken.desktop'));
  symlinkSync(join(folder, 'b/applications'), join(folder, 'b/applications/loop'));

  const first = await known('');
  expect(first.rows).toEqual([
    'damaged: D',
    'flat: Flat',
    'own: Meins',
    'no end: No newline',
    'hotdesk-mark end: Odd',
    'game: Play',
    'kde-deep one: Tief',
  ]);
  expect(first.applications?.find(({ id }) => id === 'game')?.command).toEqual([game, '--full']);
  expect(await known(first.revision)).toMatchObject({ revision: first.revision, applications: undefined });

  const file = write('home/.local/share/applications/own.desktop', entry('Mine', 'Name[de]=Neues'));
  utimesSync(file, 1, 1_000_000_000);
  const second = await known(first.revision);
  expect(second.revision).not.toBe(first.revision);
  expect(second.rows).toContain('own: Neues');
});

it('reads what Debian installs: the names that its own tools show', async () => {
  const { applications = [] } = await readApplications(localMachine('here'), '', undefined);
  const xterm = applications.find(({ id }) => id === 'debian-xterm');
  expect(xterm).toMatchObject({
    name: 'XTerm',
    command: ['xterm'],
    categories: ['System', 'TerminalEmulator'],
  });
});

it('takes Exec for the same words as GLib does', async () => {
  // Words as entries have them, and worse.
  const word = fc.oneof(
    fc.constantFrom('%f', '%U', '%c', '%i', '%%', '--x=%f', 'a%%b', '--title=%c'),
    fc.stringMatching(/^[a-zA-Z0-9=:,./_+-]{1,12}$/u),
    fc
      .stringMatching(/^[a-zA-Z0-9 $`"\\'%;&|<>()*?~#äß]{0,14}$/u)
      .map((text) => `"${text.replace(/(["`$\\])/gu, '\\$1').replaceAll('%', '%%')}"`),
    fc.stringMatching(/^[a-zA-Z0-9 $"\\;]{0,10}$/u).map((text) => `'${text}'`),
    fc.stringMatching(/^[a-z]{1,4}\\[ $"';&]"[a-z \\]{0,4}x"$/u),
  );
  const lines = fc.sample(
    fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(' ')),
    {
      numRuns: 60,
      seed: 4,
    },
  );
  const recorder = write(
    'record',
    `#!/bin/sh\nfor a; do printf '%s\\0' "$a"; done >"$1.part"; mv "$1.part" "$1"\n`,
    0o755,
  );
  const escaped = (text: string) => text.replaceAll('\\', '\\\\');
  for (const [i, line] of lines.entries()) {
    const out = join(folder, `out-${i}`);
    const exec = `${recorder} ${out} ${line}`;
    const file = write(
      `gio-${i}.desktop`,
      `[Desktop Entry]\nType=Application\nName=A "b\nIcon=the icon\nExec=${escaped(exec)}\n`,
    );
    await run('gio', ['launch', file], {
      env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: 'disabled:', HOME: folder },
    });
    await until(`GLib ran ${exec}`, () => existsSync(out));
    const theirs = readFileSync(out, 'utf8').split('\0').slice(1, -1);
    const [, , ...ours] = parseExec(unescapeString(escaped(exec)), { name: 'A "b', icon: 'the icon', file });
    expect(ours, exec).toEqual(theirs);
  }
});

it('starts an application that only D-Bus can start, and stays as long as it', async () => {
  const id = 'org.example.Activatable';
  const data = join(folder, 'activatable');
  // GApplication's own answer to ActivateAction and Activate; it ends when its window would be closed.
  const app = write(
    'activatable/app.py',
    `#!/usr/bin/python3
import os, sys
from gi.repository import Gio, GLib
app = Gio.Application(application_id='${id}', flags=Gio.ApplicationFlags.IS_SERVICE)
def activate(app):
    app.hold()
    open('${data}/up', 'w').write(str(os.getpid()))
    def look():
        if os.path.exists('${data}/close'): app.quit()
        return True
    GLib.timeout_add(50, look)
app.connect('activate', activate)
app.run(sys.argv)
`,
    0o755,
  );
  write(`activatable/dbus-1/services/${id}.service`, `[D-BUS Service]\nName=${id}\nExec=${app}\n`);
  write(
    `activatable/applications/${id}.desktop`,
    entry('Activated', 'DBusActivatable=true').replace('Exec=true\n', ''),
  );
  const env = { PATH: '/usr/bin:/bin', HOME: folder, XDG_DATA_DIRS: `${data}:/usr/share` };
  const { applications = [] } = await readApplications(localMachine('here', env), '', undefined);
  const command = applications.find((each) => each.id === id)?.command ?? [];
  const running = localMachine('here', env).exec(command, { timeoutMs: 50_000 });
  await until('it is up', () => existsSync(join(data, 'up')), 30_000);
  const early = await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 1500, 'runs'))]);
  expect(early).toBe('runs');
  write('activatable/close', '');
  expect(await running).toMatchObject({ code: 0 });
});
