import { stat, unlink } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import type { Flags } from '../console.ts';
import { contentOf } from '../given-file.ts';
import { common, examples, profileOptions } from '../options.ts';
import { command, type Run, type Shell } from '../shell.ts';
import { announce } from '../shown.ts';

interface OpenFlags extends Flags {
  readonly seat?: string;
  readonly option?: Record<string, string | number | boolean>;
}

/** Largest file that is sent to the agent, which says what is wrong with a larger one; in bytes. */
const LIMIT = 64 * 1024 + 1;
const GIVE = 'Give a .vv or .rdp file, or a URL such as spice://HOST:PORT.';
/** What could be a host; a file that is not there is told as such by its name. */
const HOST_FORM = /^(?!-$)(?!.*\.(?:vv|rdp)$)[^/]{1,255}$/iu;
const URL_FORM = /^[a-z+]+:\/\//iu;

export function declare(program: Command, shell: Shell): void {
  const opening = common(program.command('open'))
    .description('Show the console that a .vv or .rdp file or a URL leads to, or a host by RDP')
    .argument('<what>', 'a file, a URL, - for standard input, or a host that speaks RDP')
    .option('--seat <id>', 'a seat of this machine, such as :0');
  profileOptions(opening).action((what: string, flags: OpenFlags) =>
    command(shell, flags, (run) => openConsole(run, what, flags)),
  );
  examples(opening, [
    ['hotdesk open Downloads/console.vv', 'a console as oVirt or Proxmox hand it out'],
    ['hotdesk open office.rdp -o programs=yes', 'with the program that the file names'],
    ['hotdesk open rdp://me@desk.example', 'asks for the password'],
    ['hotdesk open office', 'a host that `hotdesk hosts` lists with RDP, such as a PC with Windows'],
    ['virsh domdisplay --include-password vm | hotdesk open -', 'a URL that holds a password'],
  ]);
}

async function openConsole(run: Run, what: string, flags: OpenFlags): Promise<void> {
  const isUrl = URL_FORM.test(what);
  if (isUrl && /^[^?#]*:\/\/[^/?#]*:[^@/?#]*@|[?&]password=/iu.test(what)) {
    throw new HotdeskError('bad-argument', 'A password on a command line can be seen by every user here.', {
      hint: 'Give the URL on standard input: hotdesk open -',
    });
  }
  if (!isUrl && HOST_FORM.test(what) && !(await exists(resolve(run.shell.cwd, what)))) {
    await openHost(run, what, flags);
    return;
  }
  const bytes = isUrl
    ? Buffer.from(what)
    : what === '-'
      ? await standardInput(run)
      : await contentOf(resolve(run.shell.cwd, what), what, LIMIT, GIVE);
  const data = bytes.toString('base64');
  const options = flags.option ?? {};
  const look = await run.call('console.look', { data, options }, 'reading it');
  const seat = flags.seat ?? (await run.seat());
  for (const left of look.leftOut) run.console.note(`Left out: ${left}.`);
  const params = { data, options, ...(seat === undefined ? {} : { seat }) };
  const result = await run.call('console.open', params, `opening ${look.name}`);
  // Not before: who lacks a viewer would lose the ticket in it, which the broker gives once.
  if (look.once && !isUrl && what !== '-') {
    await promisify(unlink)(resolve(run.shell.cwd, what)).then(
      () => run.console.verbose(`${what} was removed, as it says itself.`),
      () => run.console.note(`${what} wants to be removed, and cannot be.`),
    );
  }
  await announce(run, result, `${result.session.name} is shown here (${result.session.ref}).`);
}

/** A certificate that nobody has said yes to is shown and asked about, where somebody is there to be asked. */
async function openHost(run: Run, host: string, flags: OpenFlags): Promise<void> {
  const seat = flags.seat ?? (await run.seat());
  const params = { host, options: flags.option ?? {}, ...(seat === undefined ? {} : { seat }) };
  const ask = () => run.call('console.host', params, `looking for ${host}`);
  const result = await ask().catch(async (thrown: unknown) => {
    const error = toHotdeskError(thrown);
    if (error.code === 'unknown-host') throw noSuch(host, error);
    const isAsked = run.console.isInteractive && !flags.json && !flags.quiet;
    if (error.code !== 'host-key-unknown' || !isAsked) throw error;
    const { trustHost } = await import('./trust.ts');
    return (await trustHost(run, host, { rdp: true })) ? ask() : undefined;
  });
  if (result) await announce(run, result, `${result.session.name} is shown here (${result.session.ref}).`);
}

function noSuch(what: string, cause: HotdeskError): HotdeskError {
  return new HotdeskError('bad-argument', `${what} is neither a file nor a host that is known.`, {
    hint: 'Give a .vv or .rdp file, a URL such as spice://HOST:PORT, or a host of `hotdesk hosts`.',
    candidates: cause.candidates,
  });
}

async function exists(path: string): Promise<boolean> {
  return promisify(stat)(path).then(
    () => true,
    () => false,
  );
}

async function standardInput(run: Run): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of run.shell.streams.stdin as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length >= LIMIT) break;
  }
  return Buffer.concat(chunks).subarray(0, LIMIT);
}
