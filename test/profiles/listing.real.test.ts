/** What the profiles' own scripts say of a session that ends while they look: nothing, and never what is another's. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotdesk-listing-'));
  mkdirSync(path.join(folder, 'bin'));
});
afterEach(() => {
  child?.kill();
  child = undefined;
  rmSync(folder, { recursive: true });
});

interface Scripts {
  readonly list: { readonly command: { readonly sh: string } };
  readonly info: { readonly command: { readonly sh: string } };
}

function scriptsOf(profile: string): Scripts {
  const file = new URL(`../../profiles/${profile}.yaml`, import.meta.url);
  return parse(readFileSync(file, 'utf8')) as Scripts;
}

/** In the place of a program: runs `first`, and then the program. */
function instead(program: string, first: string): void {
  const script = `#!/bin/sh\n${first}\nPATH=\${PATH#*:} exec ${program} "$@"\n`;
  writeFileSync(path.join(folder, 'bin', program), script, { mode: 0o755 });
}

function run(script: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const env = {
    PATH: `${folder}/bin:${process.env.PATH}`,
    ...{ HOME: folder, XDG_RUNTIME_DIR: folder, TMUX_TMPDIR: folder },
  };
  return new Promise((resolve) => {
    execFile('sh', ['-c', script, 'hotdesk', ...args], { env }, (error, stdout) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: stdout });
    });
  });
}

it.each([
  ['ssh-x11', 'hotdesk-ssh', ['via', 'run']],
  ['xspice', 'hotdesk-xspice', ['kind', 'port', 'server', 'xorg.conf']],
])('%s: a session whose folder is cleared away is left out', async (profile, name, more) => {
  for (const session of ['1', '2']) {
    const at = path.join(folder, name, session);
    mkdirSync(at, { recursive: true });
    const files = { pid: process.pid, name: `called ${session}`, command: 'xterm', ready: '' };
    for (const [file, text] of Object.entries(files)) writeFileSync(path.join(at, file), `${text}\n`);
    for (const file of more) writeFileSync(path.join(at, file), '5900\n');
  }
  // Whether it runs is looked for in the middle: the second one goes just then.
  const goes = `[ -e "${folder}/once" ] && rm -rf "${folder}/${name}/2"; touch "${folder}/once"`;
  instead('grep', `case $* in *cmdline) ${goes} ;; esac`);
  const { list } = scriptsOf(profile);
  const { code, said } = await run(list.command.sh);
  expect(code).toBe(0);
  const rows = said.split('\n').filter((line) => line.startsWith('hotdesk:'));
  expect(rows.map((row) => /^hotdesk:(\d).*\t(.*)$/u.exec(row)?.slice(1))).toEqual([['1', 'called 1']]);
});

it('console: a viewer that ends is left out', async () => {
  child = spawn('sleep', ['60'], { env: { PATH: process.env.PATH, HOTDESK_CONSOLE: 'desk' } });
  writeFileSync(path.join(folder, 'bin', 'grep'), `#!/bin/sh\necho /proc/${child.pid}/comm\n`, {
    mode: 0o755,
  });
  const { list } = scriptsOf('console');
  expect((await run(list.command.sh)).said).toContain(`hotdesk:${child.pid}\t`);
  // As it does of a process that is gone.
  writeFileSync(path.join(folder, 'bin', 'stat'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  expect(await run(list.command.sh)).toEqual({ code: 0, said: '' });
});

it('tmux: details of a session that is gone are a failure, not none', async () => {
  const { info } = scriptsOf('tmux');
  expect((await run(info.command.sh, '99')).code).toBe(1);
});
