import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../src/wizard/changes/change.ts';
import { Journal, readJournal } from '../../src/wizard/journal.ts';

let home: string;
let file: string;
let journal: Journal;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hd-journal-'));
  file = join(home, '.local', 'state', 'hotdesk', 'setup.jsonl');
  journal = new Journal(file);
});
afterEach(() => rmSync(home, { recursive: true }));

const folder = (path: string): Change => ({ kind: 'folder', where: 'here', path });
const paths = async (host?: string) =>
  (await journal.entries(host)).map(({ change }) => ('path' in change ? change.path : change.kind));

describe('the journal', () => {
  it('has what was begun, by host, in order, until it is undone', async () => {
    const first = await journal.begin('a', 'key', folder('/1'));
    await journal.begin('b', 'key', folder('/2'));
    const third = await journal.begin('a', 'agent', folder('/3'));
    await journal.made(first);
    expect((await journal.entries('a')).map(({ made }) => made)).toEqual([true, false]);
    await journal.undone(third);
    expect(await paths()).toEqual(['/1', '/2']);
    expect(await paths('b')).toEqual(['/2']);
  });

  it('is the user’s alone, and goes with the folders that were made for it', async () => {
    const id = await journal.begin('a', 'key', folder('/1'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, '.local', 'state', 'hotdesk')).mode & 0o777).toBe(0o700);
    await journal.undone(id);
    expect(existsSync(join(home, '.local'))).toBe(false);
  });

  it('leaves a folder that something else has come to be in', async () => {
    const id = await journal.begin('a', 'key', folder('/1'));
    writeFileSync(join(home, '.local', 'other'), '');
    await journal.undone(id);
    expect(existsSync(join(home, '.local', 'other'))).toBe(true);
    expect(existsSync(join(home, '.local', 'state'))).toBe(false);
  });

  it('passes over a torn last line, and is written on after it', async () => {
    await journal.begin('a', 'key', folder('/1'));
    appendFileSync(file, '{"id":"x","at":"2026","host":"a","step":"key","change":{"kind":"fold');
    expect(await paths()).toEqual(['/1']);
    await journal.begin('a', 'key', folder('/2'));
    expect(await paths()).toEqual(['/1', '/2']);
  });

  it('is read wherever it was cut off: never more than was begun, in the same order', async () => {
    for (const path of ['/1', '/2', '/3']) await journal.made(await journal.begin('a', 'key', folder(path)));
    const text = readFileSync(file, 'utf8');
    const all = ['/1', '/2', '/3'];
    fc.assert(
      fc.property(fc.nat(text.length), fc.string({ maxLength: 20 }), (cut, junk) => {
        const { entries } = readJournal(text.slice(0, cut) + junk.replaceAll('\n', ''));
        const found = entries.map(({ change }) => ('path' in change ? change.path : ''));
        expect(found).toEqual(all.slice(0, found.length));
      }),
    );
  });

  it('takes no change in whose place something else could be done', () => {
    const row = (change: object) =>
      `${JSON.stringify({ id: '1', at: '', host: 'a', step: 'key', change })}\n`;
    for (const change of [
      { kind: 'tree', where: 'here', path: 'relative' },
      { kind: 'unit', name: '../../x' },
      { kind: 'file', where: 'elsewhere', path: '/x', sha256: '' },
      { kind: 'shell', command: 'rm -rf /' },
    ]) {
      expect(readJournal(row(change)).entries).toEqual([]);
    }
    expect(readJournal(row(folder('/x'))).entries).toHaveLength(1);
  });

  it('that cannot be written stops the change', async () => {
    writeFileSync(join(home, '.local'), 'a file in the way');
    await expect(journal.begin('a', 'key', folder('/1'))).rejects.toMatchObject({ code: 'unsafe-file' });
    chmodSync(home, 0o700);
  });
});
