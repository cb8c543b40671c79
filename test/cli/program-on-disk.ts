/** The command line as a program of its own: bundled to a temporary folder, for tests that need a process. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface OnDisk {
  /** Holds `hotdesk`: for PATH. */
  readonly folder: string;
  readonly program: string;
  remove(): void;
}

export async function programOnDisk(): Promise<OnDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'hotdesk-bin-'));
  const bundle = join(folder, 'cli.cjs');
  await build({
    entryPoints: [join(ROOT, 'src/cli/main.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    external: ['*/agent/main.ts', '*/setup/main.ts'],
    logLevel: 'error',
  });
  const program = join(folder, 'hotdesk');
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${bundle} "$@"\n`);
  chmodSync(program, 0o755);
  return { folder, program, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
