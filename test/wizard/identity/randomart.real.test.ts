import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { randomart } from '../../../src/wizard/identity/randomart.ts';

const dir = mkdtempSync(join(tmpdir(), 'hd-art-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('randomart', () => {
  it.each([
    ['ed25519', []],
    ['ed25519', []],
    ['ed25519', []],
    ['rsa', ['-b', '1024']],
    ['rsa', ['-b', '3072']],
    ['ecdsa', ['-b', '256']],
    ['ecdsa', ['-b', '384']],
    ['ecdsa', ['-b', '521']],
  ])('is what ssh-keygen -lv draws (%s %j)', (type, options) => {
    const file = join(dir, `${Math.random()}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, ...options, '-N', '', '-f', file]);
    const drawn = execFileSync('ssh-keygen', ['-lv', '-E', 'sha256', '-f', `${file}.pub`], {
      encoding: 'utf8',
    });
    const key = Buffer.from(readFileSync(`${file}.pub`, 'utf8').split(' ')[1] ?? '', 'base64');
    expect(randomart(key)).toEqual(drawn.trimEnd().split('\n').slice(1));
  });
});
