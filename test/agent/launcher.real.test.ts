import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { hotdeskCommand, launcher } from '../../src/agent/launcher.ts';
import type { LaunchRequest } from '../../src/agent/viewers.ts';
import type { Endpoint } from '../../src/model/machine.ts';
import { smallProfile } from '../profiles/small-profile.ts';
import { until } from '../rigs/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'hotdesk-launcher-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asTerminal = (text: string) => text.replace("[smallview, '{path}',", "[smallview, '{...attach}',");
const forSsh = (text: string) =>
  text.replace("[smallview, '{path}',", "[smallview, '{...sshTo}', --, '{...there}',");
const seatEnv = { id: ':77', kind: 'x11', env: { DISPLAY: ':77' } } as const;

/** What shows sessions is a script. */
function rig(script: string, change?: (text: string) => string) {
  const program = join(folder, 'smallview');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  const seen: string[] = [];
  let call = () => {};
  const launch = launcher({
    env: { PATH: `${folder}:${process.env.PATH ?? ''}` },
    hotdesk: ['node', 'hotdesk'],
    sshTo: async ({ name }) => ['-p', '2222', name],
    folder,
    prefer: () => [],
    me: { hostId: 'ME', host: 'me' },
    awaitCall: (id) => {
      seen.push(`await ${id}`);
      return new Promise((resolve) => {
        call = resolve;
      });
    },
    forget: (id) => void seen.push(`forget ${id}`),
  });
  const request = (at: Endpoint | undefined, isLocal = false) =>
    ({
      ...{ viewerId: 'v1', seatEnv, at, secrets: undefined, seat: ':77', mode: 'take', options: {} },
      backend: { profile: smallProfile(change), machine: { isLocal } },
      session: { localId: '7', name: 'seven' },
      host: { name: 'alpha' },
    }) as unknown as LaunchRequest;
  const open = (at: Endpoint | undefined, isLocal?: boolean, signal = new AbortController().signal) =>
    launch(request(at, isLocal), signal);
  return { open, seen, call: () => call() };
}

const unix = { kind: 'unix', path: '/run/x.sock' } as const;

describe('a viewer in a window', () => {
  test('is shown at its ready line, and told how it ended', async () => {
    const { open, seen } = rig('echo shown "$@"; exec sleep 60');
    const viewer = await open(unix);
    await viewer.shown;
    await viewer.stop();
    expect(await viewer.exited).toMatch(/^TERM shown \/run\/x\.sock --mute/u);
    expect(seen).toEqual(['forget v1']);
  });

  test('that fails is told with its code', async () => {
    const viewer = await rig('echo sorry >&2; exit 4').open(unix);
    await expect(viewer.shown).rejects.toMatchObject({ code: 'viewer-failed' });
    expect(await viewer.exited).toBe('4 sorry');
  });

  test('that runs ssh itself is told how to reach the host, and on this machine that there is no way', async () => {
    const ssh = { kind: 'ssh', argv: ['small', 'serve'] } as const;
    for (const [isLocal, words] of [
      [false, 'shown -p 2222 alpha -- small serve --mute'],
      [true, 'shown -- small serve --mute'],
    ] as const) {
      const viewer = await rig('echo shown "$@"; exit 0', forSsh).open(ssh, isLocal);
      expect(await viewer.exited).toBe(`0 ${words}`);
    }
  });
});

describe('a terminal', () => {
  const words = join(folder, 'words');

  test('runs hotdesk, and shows its session when that has called, whatever it prints', async () => {
    const { open, seen, call } = rig(`echo "$@" >${words}; echo shown; exec sleep 60`, asTerminal);
    const viewer = await open(undefined);
    let isShown = false;
    void viewer.shown.then(() => {
      isShown = true;
    });
    await until('it runs', () => readWords(words) !== '');
    expect(readWords(words)).toBe('node hotdesk attach small:7@alpha --viewer-id v1 --mute\n');
    expect(seen).toEqual(['await v1']);
    expect(isShown).toBe(false);
    call();
    await viewer.shown;
    await viewer.stop();
    await until('it is forgotten', () => seen.includes('forget v1'));
  });

  test('that ends before it calls has failed, with its last words', async () => {
    const viewer = await rig('echo no display >&2; exit 1', asTerminal).open(undefined);
    await expect(viewer.shown).rejects.toThrow(/ended before it showed|ended with 1/u);
    expect(await viewer.exited).toBe('1 no display');
  });

  test('that never calls is not waited for without end', async () => {
    const slow = (text: string) => asTerminal(text).replaceAll('timeout: 3', 'timeout: 1');
    const { open, seen } = rig('echo shown; exec sleep 60', slow);
    const viewer = await open(undefined);
    await expect(viewer.shown).rejects.toMatchObject({ code: 'timeout' });
    await viewer.stop();
    await until('it is forgotten', () => seen.includes('forget v1'));
  });

  test('that is not started after all is not waited for', async () => {
    const { open, seen } = rig('exit 0', asTerminal);
    await expect(open(undefined, false, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toEqual(['await v1', 'forget v1']);
  });
});

test('a machine without the viewer says so before anything is awaited', async () => {
  const { open, seen } = rig('exit 0', (text) =>
    asTerminal(text).replaceAll('program: smallview', 'program: x-none'),
  );
  await expect(open(undefined)).rejects.toMatchObject({ code: 'viewer-missing' });
  expect(seen).toEqual([]);
});

test('hotdesk is run again by the same Node, by the real path of its shim', () => {
  const [file, link] = [join(folder, 'hotdesk.js'), join(folder, 'link')];
  writeFileSync(file, '');
  symlinkSync(file, link);
  expect(hotdeskCommand(['/usr/bin/node', link, 'agent'])).toEqual(['/usr/bin/node', file]);
});

function readWords(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
