import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { undoFileChange } from '../../../src/wizard/changes/undo-files.ts';
import { filesHere } from '../../../src/wizard/files/here.ts';
import { Journal } from '../../../src/wizard/journal.ts';
import { snapshot } from '../rig.ts';

const base = mkdtempSync(join(tmpdir(), 'hd-killed-'));
const program = join(base, 'victim.cjs');
beforeAll(async () => {
  const entry = join(import.meta.dirname, 'victim.ts');
  await build({
    entryPoints: [entry],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
});
afterAll(() => rmSync(base, { recursive: true }));

describe('a process that is killed while it changes files', () => {
  it('leaves a home that undo makes what it was, whenever that is', async () => {
    let changed = 0;
    for (let ms = 1; ms < 60; ms += 4) {
      const home = join(base, `home${ms}`);
      mkdirSync(join(home, '.ssh'), { recursive: true });
      writeFileSync(join(home, '.ssh', 'known_hosts'), 'beta ssh-rsa AAAA\nno end');
      const before = snapshot(home);
      const journal = new Journal(join(base, `state${ms}`, 'setup.jsonl'));
      await killAfter(ms, home, join(base, `state${ms}`, 'setup.jsonl'));
      const entries = await journal.entries();
      changed += entries.length;
      for (const { id, change } of [...entries].reverse()) {
        await undoFileChange(change, filesHere(home));
        await journal.undone(id);
      }
      expect(snapshot(home)).toEqual(before);
    }
    expect(changed).toBeGreaterThan(0);
  });
});

/** @param ms from the moment at which it begins */
async function killAfter(ms: number, ...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await new Promise((resolve) => setTimeout(resolve, ms));
  child.kill('SIGKILL');
  await ended;
}
