import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localMachine } from '../../src/platform/local-machine.ts';
import { probeBackends } from '../../src/profiles/probe.ts';
import { packaged } from '../contract/packaged.ts';
import { smallProfile } from './small-profile.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hotdesk-probe-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, text: string): void {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}

test('a program that does not tell its version keeps no other back, and either of two will do', async () => {
  program('stuck', 'exec sleep 1000');
  program('second', 'echo "small 1.5" >&2; exit 1');
  // So long as one is given here.
  program('timeout', 'shift; exec /usr/bin/timeout 1 "$@"');
  program('third', 'echo "Tiny Viewer 3"');
  const named = (name: string, programs: string, asked: string) =>
    smallProfile((text) =>
      text
        .replace('name: small', `name: ${name}`)
        .replace('programs: [small, smallctl]', `programs: [${programs}]`)
        .replace('argv: [small, -V]', `argv: [${asked}, -V]`),
    );
  const machine = localMachine('here', { PATH: `${folder}:${process.env.PATH ?? ''}` });
  const began = performance.now();
  const found = await probeBackends(
    [
      named('hangs', 'stuck', 'stuck'),
      named('either', 'no-such-first|second', 'second'),
      named('neither', 'no-such-first|no-such-second', 'second'),
      named('maker', 'no-such-first|third~Tiny Viewer', 'second'),
      named('other', 'no-such-first|third~Great Viewer|no-such-second', 'second'),
    ],
    machine,
    'host',
  );
  expect(found.get('either')).toEqual({ present: true, version: '1.5' });
  expect(found.get('hangs')).toEqual({ present: true });
  expect(found.get('neither')).toMatchObject({
    present: false,
    missing: { message: 'here has no no-such-first or no-such-second, which neither needs.' },
  });
  expect(found.get('maker')).toMatchObject({ present: true });
  expect(found.get('other')?.missing?.message).toBe(
    'here has no no-such-first or third (Great Viewer) or no-such-second, which other needs.',
  );
  // The time that one is given, and not the end of all.
  expect(performance.now() - began).toBeLessThan(15_000);
});

test('what tells its version on many lines is one answer, and what never ends is cut short', async () => {
  program('many', String.raw`printf '\n*\tsmall\n\n 1.5\n'`);
  program('endless', 'echo "small 1.6"; yes small; echo "small 9.9" >&2');
  const named = (name: string, asked: string) =>
    smallProfile((text) =>
      text
        .replace('name: small', `name: ${name}`)
        .replace('programs: [small, smallctl]', `programs: [${asked}]`)
        .replace('argv: [small, -V]', `argv: [${asked}, -V]`)
        .replace('small (?<version>', 'small +(?<version>'),
    );
  const machine = localMachine('here', { PATH: `${folder}:${process.env.PATH ?? ''}` });
  const began = performance.now();
  const found = await probeBackends([named('many', 'many'), named('endless', 'endless')], machine, 'host');
  expect(found.get('many')).toEqual({ present: true, version: '1.5' });
  expect(found.get('endless')).toEqual({ present: true, version: '1.6' });
  // Nobody waits until it is ended.
  expect(performance.now() - began).toBeLessThan(7000);
});

test('the version of X2Go is what x2goversion says, which is asked where its file is not found', async () => {
  const version = async (path: string) =>
    (await probeBackends([packaged('x2go')], localMachine('here', { PATH: path }), 'host')).get('x2go')
      ?.version;
  const path = process.env.PATH ?? '';
  expect(await version(path)).toBe(execFileSync('x2goversion', ['x2goserver']).toString().trim());
  program('x2goversion', '[ "$1" = x2goserver ] && echo 4.0.1.2');
  expect(await version(`${folder}:${path}`)).toBe('4.0.1.2');
});

// They tell it in no other way: xfreerdp wants a display for it, Xspice has no word for it.
test.each([
  ['rdp', 'viewer', 'freerdp*-x11'],
  ['rdp-shadow', 'viewer', 'freerdp*-x11'],
  ['xspice', 'host', 'xserver-xspice'],
] as const)(
  'the version that %s has as a %s is that of its package, or unknown',
  async (name, side, named) => {
    const profile = packaged(name);
    const found = async (path: string) =>
      (await probeBackends([profile], localMachine('here', { PATH: path }), side)).get(name);
    const told = execFileSync('dpkg-query', ['-W', `-f=\${Version}\n`, named], { encoding: 'utf8' });
    const version = /\d+(?:\.\d+)+/u.exec(told)?.[0];
    expect(version).toBeDefined();
    expect(await found(process.env.PATH ?? '')).toEqual({ present: true, version });
    // A host without dpkg-query and rpm.
    const needed = (profile.detect[side]?.programs ?? []).map((each) => each.split('|')[0] ?? each);
    for (const one of ['sh', 'id', 'head', 'timeout', ...needed]) {
      const file = execFileSync('sh', ['-c', 'command -v "$1"', 'sh', one], { encoding: 'utf8' }).trim();
      symlinkSync(file, join(folder, one));
    }
    expect(await found(folder)).toEqual({ present: true });
  },
);
