import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin', import.meta.url));

function node(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('bin/hotdesk.js', () => {
  let folder: string;
  let shim: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'hotdesk-bin-'));
    cpSync(BIN, path.join(folder, 'bin'), { recursive: true });
    shim = path.join(folder, 'bin', 'hotdesk.js');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function bundleOf(code: string, cache?: Buffer): void {
    mkdirSync(path.join(folder, 'dist'));
    writeFileSync(path.join(folder, 'dist', 'cli.cjs'), code);
    if (cache) writeFileSync(path.join(folder, 'dist', 'cli.cjs.v8'), cache);
  }

  it('is written in syntax that an old Node parses', async () => {
    const code = readFileSync(shim, 'utf8');
    const asIs = await transform(code, { target: 'esnext' });
    const lowered = await transform(code, { target: 'es5' });
    expect(lowered.code).toBe(asIs.code);
  });

  it.each(['12.22.12', '18.20.0', '20.18.9'])('refuses Node %s with what to do', async (version) => {
    const code = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); require(${JSON.stringify(shim)})`;
    const run = await node(['-e', code]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(`Node ${version} is too old: 20.19 or newer is needed.`);
    expect(run.stderr).toContain('Install a newer Node');
  });

  it('says how to build a checkout that is not', async () => {
    const run = await node([shim, 'list']);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('Run: npm start');
  });

  it('runs the bundle as a CommonJS module with its own require and arguments', async () => {
    bundleOf(
      'console.log(JSON.stringify([__filename, typeof require("./other.cjs"), process.argv.slice(2)]))',
    );
    writeFileSync(path.join(folder, 'dist', 'other.cjs'), 'module.exports = {};');
    const run = await node([shim, 'list', '--json']);
    expect(JSON.parse(run.stdout)).toEqual([
      path.join(folder, 'dist', 'cli.cjs'),
      'object',
      ['list', '--json'],
    ]);
  });

  it('runs the agent without the command line', async () => {
    bundleOf('console.log("cli", process.argv.slice(2).join(" "))');
    writeFileSync(path.join(folder, 'dist', 'agent.cjs'), 'console.log("agent")');
    expect((await node([shim, 'agent', 'run'])).stdout).toBe('agent\n');
    expect((await node([shim, 'agent', 'run', '--help'])).stdout).toBe('cli agent run --help\n');
    expect((await node([shim, 'agent'])).stdout).toBe('cli agent\n');
  });

  it('runs without a code cache that is not V8s', async () => {
    bundleOf('console.log("ran")', Buffer.from('not a cache'));
    expect((await node([shim])).stdout).toBe('ran\n');
  });

  it.each(['list', 'start'])('runs %s with the cache that there is', async (command) => {
    bundleOf('console.log("ran")', Buffer.from('not a cache'));
    writeFileSync(path.join(folder, 'dist', 'cli.cjs.open.v8'), 'nor is this');
    expect((await node([shim, command])).stdout).toBe('ran\n');
  });

  it('passes the exit code on', async () => {
    bundleOf('process.exitCode = 7');
    expect((await node([shim])).code).toBe(7);
  });
});
