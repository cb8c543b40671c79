import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { HotdeskError } from '../../kernel/errors.ts';
import type { Flags } from '../console.ts';
import { common, examples } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { renderScreen } from '../style.ts';

interface ThumbnailFlags extends Flags {
  readonly output?: string;
  readonly force?: boolean;
}

export function declare(program: Command, shell: Shell): void {
  const thumbnail = common(program.command('thumbnail'))
    .description('Take a picture of a session: PNG, or the text of a terminal')
    .argument('<session>', 'which one')
    .option('-f, --force', 'write over a file that is there')
    .option(
      '-O, --output <file>',
      'where to; `-` is standard output (default: NAME.png, text to standard output)',
    )
    .action((ref: string, flags: ThumbnailFlags) => command(shell, flags, (run) => take(run, ref, flags)));
  examples(thumbnail, [
    ['hotdesk thumbnail firefox', 'writes firefox.png'],
    ['hotdesk thumbnail build', 'prints the screen of a terminal session'],
  ]);
}

async function take(run: Run, ref: string, flags: ThumbnailFlags): Promise<void> {
  const { session, png, text } = await run.call('thumbnail', { ref }, `looking at ${ref}`);
  if (png !== undefined) {
    const data = Buffer.from(png, 'base64');
    writePicture(run, data, flags.output ?? pictureName(session.name), flags.force ?? false);
    return;
  }
  const screen = text ?? '';
  if (run.console.flags.json) run.console.json({ text: renderScreen(screen, false) });
  else if (flags.output === undefined || flags.output === '-') {
    run.shell.streams.stdout.write(`${renderScreen(screen, run.console.colourful)}\n`);
  } else {
    writePicture(run, Buffer.from(`${renderScreen(screen, false)}\n`), flags.output, flags.force ?? false);
  }
}

/** A file name of a session's name: nothing that leads to another folder or hides the file. */
export function pictureName(name: string): string {
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/u, '');
  return `${safe.slice(0, 80) || 'session'}.png`;
}

function writePicture(run: Run, data: Buffer, output: string, isForced: boolean): void {
  if (output === '-') {
    if (run.shell.streams.stdout.isTTY) {
      throw new HotdeskError('bad-argument', 'A picture is not written to a terminal.', {
        hint: 'Redirect it: `hotdesk thumbnail … -O - > file.png`.',
      });
    }
    run.shell.streams.stdout.write(data);
    return;
  }
  const file = resolve(run.shell.cwd, output);
  try {
    writeFileSync(file, data, { flag: isForced ? 'w' : 'wx' });
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw new HotdeskError(
      'bad-argument',
      isThere ? `${output} is there already.` : `${output} cannot be written.`,
      {
        hint: isThere
          ? 'Write over it with --force, or name another with --output.'
          : (cause as Error).message,
        cause,
      },
    );
  }
  if (run.console.flags.json) run.console.json({ file });
  else run.console.print(output);
}
