import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HotdeskError } from '../../../src/kernel/errors.ts';
import { Changes } from '../../../src/wizard/changes/changes.ts';
import { undoFileChange } from '../../../src/wizard/changes/undo-files.ts';
import type { Files } from '../../../src/wizard/files/files.ts';
import { filesHere } from '../../../src/wizard/files/here.ts';
import { Journal } from '../../../src/wizard/journal.ts';
import { snapshot } from '../rig.ts';

let base: string;
let home: string;
let journal: Journal;
let files: Files;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'hd-changes-'));
  home = join(base, 'home');
  mkdirSync(home);
  journal = new Journal(join(base, 'state', 'setup.jsonl'));
  files = filesHere(home);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const changes = () => new Changes(journal, 'me@alpha', 'key');
const failure = new HotdeskError('unsafe-file', 'No space left on device.');

async function undoAll(): Promise<void> {
  for (const { id, change } of [...(await journal.entries())].reverse()) {
    await undoFileChange(change, files);
    await journal.undone(id);
  }
}

describe('a change', () => {
  it('is in the journal before it is made', async () => {
    let seen = 0;
    const watching: Files = {
      ...files,
      write: async (...args) => {
        seen = (await journal.entries()).length;
        await files.write(...args);
      },
    };
    await changes().createFile(watching, join(home, 'a'), Buffer.from('x'), 0o600);
    expect(seen).toBe(1);
    expect((await journal.entries()).map(({ made }) => made)).toEqual([true]);
  });

  it('that fails is put back, and its journal entry with it', async () => {
    const full: Files = { ...files, write: async () => Promise.reject(failure) };
    const before = snapshot(home);
    const adding = changes().addLines(full, join(home, '.ssh', 'authorized_keys'), undefined, ['key'], 0o600);
    await expect(adding).rejects.toBe(failure);
    // The folder that was made for it is an entry of its own.
    expect((await journal.entries()).map(({ change }) => change.kind)).toEqual(['folder']);
    await undoAll();
    expect(snapshot(home)).toEqual(before);
  });

  it('that can neither be made nor put back stays in the journal', async () => {
    const bad = () => Promise.reject(failure);
    const change = { kind: 'folder', where: 'here', path: join(home, 'x') } as const;
    await expect(changes().make(change, bad, bad)).rejects.toBe(failure);
    expect(await journal.entries()).toHaveLength(1);
  });

  it('is left alone by its undo where the user has changed the file since', async () => {
    const path = join(home, 'note');
    await changes().createFile(files, path, Buffer.from('ours'), 0o600);
    writeFileSync(path, 'theirs');
    await undoAll();
    expect(readFileSync(path, 'utf8')).toBe('theirs');
  });

  it('keeps the mode of a file, and a folder that others use', async () => {
    const path = join(home, '.ssh', 'known_hosts');
    mkdirSync(join(home, '.ssh'), { mode: 0o755 });
    writeFileSync(path, 'one\n');
    chmodSync(path, 0o644);
    await changes().addLines(files, path, Buffer.from('one\n'), ['two'], 0o600);
    expect(statSync(path).mode & 0o777).toBe(0o644);
    await undoAll();
    expect(readFileSync(path, 'utf8')).toBe('one\n');
    expect(statSync(join(home, '.ssh')).mode & 0o777).toBe(0o755);
  });
});

/** Something that setup does to a home. */
const step = fc.oneof(
  fc.record({
    what: fc.constant('lines' as const),
    path: fc.constantFrom('.ssh/authorized_keys', '.ssh/known_hosts', 'deep/er/file'),
    lines: fc.array(fc.stringMatching(/^[a-z =/]{1,12}$/u), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ what: fc.constant('file' as const), path: fc.constantFrom('.ssh/id', 'deep/a', 'deep/er/b') }),
  fc.record({ what: fc.constant('mode' as const), path: fc.constantFrom('.ssh', 'deep') }),
);
const homes = fc.record({
  ssh: fc.option(fc.uint8Array({ maxLength: 60 }), { nil: undefined }),
  deep: fc.boolean(),
});

describe('whatever was done', () => {
  it('undo leaves the home as it was, also after a crash in the middle', async () => {
    await fc.assert(
      fc.asyncProperty(homes, fc.array(step, { maxLength: 6 }), fc.nat(12), async (start, steps, crashAt) => {
        rmSync(home, { recursive: true, force: true });
        mkdirSync(home);
        if (start.ssh) {
          mkdirSync(join(home, '.ssh'));
          writeFileSync(join(home, '.ssh', 'authorized_keys'), start.ssh);
        }
        if (start.deep) mkdirSync(join(home, 'deep'));
        const before = snapshot(home);

        let writes = 0;
        const crashed = new Error('the process was killed');
        const crash =
          <A extends readonly unknown[], R>(work: (...args: A) => Promise<R>, late: boolean) =>
          async (...args: A): Promise<R> => {
            writes += 1;
            if (writes === crashAt && !late) throw crashed;
            const result = await work(...args);
            if (writes === crashAt) throw crashed;
            return result;
          };
        const late = crashAt % 2 === 0;
        const dying: Files = {
          ...files,
          write: crash(files.write, late),
          makeFolder: crash(files.makeFolder, late),
          setMode: crash(files.setMode, late),
          // A process that was killed puts nothing back.
          remove: async () => Promise.reject(crashed),
          removeFolder: async () => Promise.reject(crashed),
          read: async (path) =>
            writes >= crashAt && crashAt > 0 ? Promise.reject(crashed) : files.read(path),
        };
        await walk(dying, steps).catch((error: unknown) => expect(error).toBe(crashed));
        await undoAll();
        expect(snapshot(home)).toEqual(before);
        expect(await journal.entries()).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  async function walk(
    dying: Files,
    steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
  ) {
    for (const each of steps) {
      const path = join(home, each.path);
      if (each.what === 'lines')
        await changes().addLines(dying, path, await dying.read(path), each.lines, 0o600);
      else if (each.what === 'file') {
        if (!(await files.stat(path))) await changes().createFile(dying, path, Buffer.from('key'), 0o600);
      } else {
        const found = await files.stat(path);
        if (found) await changes().setMode(dying, path, found.mode, found.mode & ~0o022);
      }
    }
  }
});
