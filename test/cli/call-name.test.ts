import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asCalled, callName } from '../../src/cli/call-name.ts';

let folder = '';
let program = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hd-name-'));
  for (const name of ['bin', 'path', 'other']) mkdirSync(join(folder, name));
  program = join(folder, 'bin/hotdesk.js');
  for (const file of [program, join(folder, 'other/hotdesk')]) {
    writeFileSync(file, '');
    chmodSync(file, 0o755);
  }
  symlinkSync(program, join(folder, 'path/hotdesk'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('callName', () => {
  const named = (cwd: string, path?: string) => callName({ program, cwd, path });

  it('is the plain name where PATH leads to this program', () => {
    expect(named('/', join(folder, 'path'))).toBe('hotdesk');
    expect(callName({ program: join(folder, 'path/hotdesk'), cwd: '/', path: join(folder, 'path') })).toBe(
      'hotdesk',
    );
  });

  it('is the path where it does not, or to another hotdesk', () => {
    expect(named('/nowhere', join(folder, 'other'))).toBe(program);
    expect(named('/nowhere')).toBe(program);
    expect(named(folder, '/usr/bin')).toBe('./bin/hotdesk.js');
  });

  it('is quoted where a shell would take it apart', () => {
    expect(callName({ program: "/a b/it's/hotdesk.js", cwd: '/x', path: '' })).toBe(
      `'/a b/it'\\''s/hotdesk.js'`,
    );
  });
});

describe('asCalled', () => {
  it('changes commands, and no other mention', () => {
    const hint = 'Install hotdesk on b and run `hotdesk agent start`, then: hotdesk trust b';
    expect(asCalled(hint, './bin/hotdesk.js')).toBe(
      'Install hotdesk on b and run `./bin/hotdesk.js agent start`, then: ./bin/hotdesk.js trust b',
    );
    expect(asCalled(hint, 'hotdesk')).toBe(hint);
  });
});
