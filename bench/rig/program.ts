import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Program {
  readonly file: string;
  /** The same file as the hosts of the lab see it. */
  readonly inLab: string;
  remove(): void;
}

/** ssh2 as the agent loads it. */
const built: Plugin = {
  name: 'built',
  setup(esbuild) {
    const file = path.join(ROOT, 'dist', 'ssh2.cjs');
    esbuild.onResolve({ filter: /\/wire\/ssh2\.ts$/ }, () => ({ path: file }));
  },
};

/** Bundles a file of bench/ into one that runs by itself, with ssh2 as the agent has it: from dist/. */
export async function buildProgram(source: string): Promise<Program> {
  const folder = mkdtempSync(path.join(ROOT, 'node_modules', '.bench-'));
  chmodSync(folder, 0o755);
  const file = path.join(folder, `${path.basename(source, '.ts')}.cjs`);
  await build({
    entryPoints: [path.join(ROOT, 'bench', source)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    plugins: [built],
    external: ['cpu-features', '*.node'],
    logLevel: 'error',
  });
  const inLab = path.join('/run/lab/hotdesk', path.relative(ROOT, file));
  return { file, inLab, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
