/** A command line in this process: its output caught, its agent a fake one. */
import { PassThrough, Writable } from 'node:stream';
import { runProgram } from '../../src/cli/program.ts';
import type { Shell } from '../../src/cli/shell.ts';
import type { Paths } from '../../src/protocol/paths.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Around {
  readonly paths: Paths;
  readonly env?: Readonly<Record<string, string>>;
  /** A terminal of this many columns on all three streams. */
  readonly columns?: number;
  readonly input?: string;
  readonly cwd?: string;
  readonly callName?: string;
}

class Caught extends Writable {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly rows = 24;
  text = '';

  constructor(columns: number | undefined) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.isTTY = columns !== undefined;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export async function hotdesk(argv: readonly string[], around: Around): Promise<Outcome> {
  const stdout = new Caught(around.columns);
  const stderr = new Caught(around.columns);
  const stdin = Object.assign(new PassThrough(), { isTTY: around.columns !== undefined });
  if (around.input !== undefined) stdin.write(around.input);
  else stdin.end();
  const shell: Shell = {
    env: around.env ?? {},
    cwd: around.cwd ?? '/',
    uid: process.getuid?.() ?? 0,
    paths: around.paths,
    streams: { stdin, stdout, stderr },
    // No test of this kind starts one.
    agentProgram: ['/nonexistent/agent'],
    callName: () => around.callName ?? 'hotdesk',
    exitCode: 0,
  };
  await runProgram(argv, shell);
  stdin.destroy();
  return { code: shell.exitCode, stdout: stdout.text, stderr: stderr.text };
}
