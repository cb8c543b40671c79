/** What is run for a console, and what is left of it: with programs that behave as its viewers do. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConsoleDeps, openConsole } from '../../../src/agent/console/console.ts';
import type { Host } from '../../../src/model/host.ts';
import { until } from '../../rigs/until.ts';
import { base64, ME, rig } from './rig.ts';

const SPICE = '[virt-viewer]\ntype=spice\nhost=vm.example\nport=5900\ntitle=winxp\n';
const RDP = 'full address:s:desk.example\r\nusername:s:me\r\n';
const SHOWS = 'echo "notebook show display gdi] - Remote framebuffer format"; exec sleep 60';

let root = '';
let ran: ReturnType<typeof rig>;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hd-console-'));
  for (const name of ['bin', 'viewers']) mkdirSync(join(root, name));
  ran = rig();
});
afterEach(async () => {
  await Promise.all(ran.added.map(({ stop }) => stop()));
  rmSync(root, { recursive: true });
});

/** A viewer of that name, which notes what it was given before it does as `then` says. */
function install(program: string, then: string): void {
  const file = join(root, 'bin', program);
  const note = `for each; do case $each in ${root}/*) cat "$each" >'${root}/read'; echo "\${each##*.}" >'${root}/form' ;; esac; done`;
  writeFileSync(file, `#!/bin/sh\n${note}\nprintf %s "$XDG_CONFIG_HOME" >'${root}/config'\n${then}\n`);
  chmodSync(file, 0o755);
}

const noted = (name: string) => readFileSync(join(root, name), 'utf8').trim();
const privateFiles = () => readdirSync(join(root, 'viewers'));

function open(text: string, options = {}, more: Partial<ConsoleDeps> = {}, signal?: AbortSignal) {
  const env = { PATH: `${join(root, 'bin')}:/usr/bin:/bin` };
  return openConsole(
    { ...ran.deps, folder: join(root, 'viewers'), env, ...more },
    { data: base64(text), options, seat: ':77' },
    signal ?? new AbortController().signal,
    () => {},
  );
}

describe('a console that shows', () => {
  test('is a session known by its viewer, of which no file is left', async () => {
    install('remote-viewer', SHOWS);
    const { session, viewer, leftOut } = await open(`${SPICE}password=ticket\nunix-path=/x\n`);
    const localId = String(viewer?.pid);
    expect(viewer).toMatchObject({ localId, ref: `console:${localId}@me`, seat: ':77', hostKey: 'ME' });
    expect(session).toMatchObject({ backend: 'console', localId, name: 'winxp', kind: 'console' });
    expect(session?.watchers).toEqual([{ viewerId: viewer?.id, hostId: 'ME', host: 'me' }]);
    expect(leftOut).toEqual(['a socket of this machine (unix-path)']);
    expect([noted('form'), noted('read')]).toEqual(['vv', expect.stringContaining('password=ticket')]);
    expect(privateFiles()).toEqual([]);
    // It has ended by itself: nobody need be told, but the list must know.
    await ran.added[0]?.stop();
    await until('it is listed anew', () => ran.log.includes('refresh'));
  });

  test('without a ticket may ask for one in its window', async () => {
    install('remote-viewer', SHOWS);
    await open(SPICE);
    expect(noted('form')).toBe('asks');
  });

  test('of RDP takes the certificate that was named, and none that FreeRDP has recorded', async () => {
    install('xfreerdp', SHOWS);
    await open(RDP, { certificate: Array(32).fill('ab').join(':') });
    expect(noted('config')).toMatch(/^.+\/viewers\/.+\.config$/u);
    expect(privateFiles()).toEqual([]);
    await open(RDP);
    expect(noted('config')).toBe('');
  });
});

test('a host that is known has what is set for its name', async () => {
  ran = rig({ desk: { printers: true } });
  install('xfreerdp', SHOWS);
  await open(RDP, {}, { about: { ...ME, name: 'desk', state: 'rdp-only' } });
  expect(noted('read')).toContain('redirectprinters:i:1');
});

describe('a password that it lacks', () => {
  const asking = (answers: string[] | undefined) => ({ prompter: { ask: async () => answers } as never });

  test('is written into its file, unless the answer is empty', async () => {
    install('xfreerdp', SHOWS);
    await open(RDP, {}, asking(['sesame']));
    expect(noted('read')).toContain('password:s:sesame');
    await open(RDP, {}, asking(['']));
    expect(noted('read')).not.toContain('password');
  });

  test('that would begin another line runs nothing', async () => {
    install('xfreerdp', SHOWS);
    await expect(open(RDP, {}, asking(['a\r\nalternate shell:s:x']))).rejects.toMatchObject({
      code: 'bad-argument',
    });
    expect(ran.added).toEqual([]);
  });
});

describe('a console that does not show', () => {
  test('and is called off leaves neither viewer nor file', async () => {
    install('remote-viewer', 'exec sleep 60');
    const off = new AbortController();
    const opening = open(`${SPICE}password=ticket\n`, {}, {}, off.signal);
    const refused = expect(opening).rejects.toMatchObject({ code: 'cancelled' });
    await until('it runs', () => ran.added.length > 0);
    expect(privateFiles()).toHaveLength(1);
    off.abort();
    await refused;
    expect(privateFiles()).toEqual([]);
    const pid = ran.added[0]?.viewer.pid ?? 0;
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('is told by the name that its host has here, or where it leads', async () => {
    const print = Array(32).fill('cd').join(':');
    install('xfreerdp', `echo "Thumbprint: ${print}"; exit 1`);
    const about: Host = { ...ME, name: 'desk', state: 'rdp-only' };
    for (const [known, name] of [
      [about, 'desk'],
      [undefined, 'desk.example'],
    ] as const) {
      await expect(open(RDP, {}, { about: known })).rejects.toMatchObject({
        code: 'host-key-unknown',
        message: `${name} has a certificate that nobody vouches for. Its SHA-256 fingerprint: ${print}`,
      });
    }
    expect(privateFiles()).toEqual([]);
  });
});
