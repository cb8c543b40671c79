import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { emptyDir, ensurePrivateDir } from '../../src/platform/private-dir.ts';

const root = mkdtempSync(join(tmpdir(), 'hotdesk-private-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const uid = process.getuid?.() ?? 0;
const modeOf = (path: string) => statSync(path).mode & 0o777;
const refused = (path: string, owner = uid) => {
  expect(() => ensurePrivateDir(path, owner)).toThrow(expect.objectContaining({ code: 'unsafe-file' }));
};

describe('a private folder', () => {
  it('is made, or closed where others could look in', () => {
    const path = join(root, 'a', 'b');
    ensurePrivateDir(path, uid);
    expect(modeOf(path)).toBe(0o700);
    const open = join(root, 'open');
    mkdirSync(open, { mode: 0o755 });
    ensurePrivateDir(open, uid);
    expect(modeOf(open)).toBe(0o700);
  });

  it('is no link, not even to one, and nobody else’s', () => {
    const [mine, link] = [join(root, 'mine'), join(root, 'link')];
    mkdirSync(mine, { mode: 0o700 });
    symlinkSync(mine, link);
    refused(link);
    refused(mine, uid + 1);
    ensurePrivateDir(mine, uid);
  });
});

describe('an emptied folder', () => {
  it('is made, and holds nothing of what was in it; what a link in it leads to stays', () => {
    const [path, kept] = [join(root, 'v'), join(root, 'kept')];
    expect(emptyDir(path)).toBe(path);
    expect(modeOf(path)).toBe(0o700);
    mkdirSync(join(path, 'deep', 'er'), { recursive: true });
    writeFileSync(join(path, 'file'), '');
    mkdirSync(kept);
    writeFileSync(join(kept, 'file'), '');
    symlinkSync(kept, join(path, 'link'));
    emptyDir(path);
    expect(readdirSync(path)).toEqual([]);
    expect(existsSync(join(kept, 'file'))).toBe(true);
  });
});
