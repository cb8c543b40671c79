/** Opens what somebody handed out as the way to a console: a viewer of this machine, which is the session. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { orAbort } from '../../kernel/abort.ts';
import { HotdeskError, toHotdeskError } from '../../kernel/errors.ts';
import { randomId } from '../../kernel/ids.ts';
import { sanitise } from '../../kernel/text.ts';
import type { Host } from '../../model/host.ts';
import { formatRef } from '../../model/ref.ts';
import type { Seat } from '../../model/seat.ts';
import type { OptionValues } from '../../profiles/options.ts';
import { viewerCommand } from '../../profiles/view.ts';
import type { ActionResult, ConsoleLook, Params } from '../../protocol/api.ts';
import type { Prompter } from '../../ssh/ssh.ts';
import type { ConsoleFile, ConsoleWishes } from '../../viewer/console/console-file.ts';
import { readConsole, withPassword } from '../../viewer/console/read.ts';
import { launchViewer, type RunningViewer } from '../../viewer/launch.ts';
import { locate } from '../../viewer/locate.ts';
import type { AgentContext } from '../context.ts';
import { explained, hear, type Said } from './failures.ts';

export interface ConsoleDeps {
  readonly context: AgentContext;
  /** The agent's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Programs that the user wants before others. */
  readonly prefer: readonly string[];
  /** Private folder for viewers' files. */
  readonly folder: string;
  pickSeat(id: string): Promise<Seat>;
  /** Undefined: nobody can be asked for a password. */
  readonly prompter: Prompter | undefined;
  /** The host that it is, where that is known: its name, and whose settings count. */
  readonly about?: Host | undefined;
}

const PROFILE = 'console';

/** What a file says, without opening it. @throws HotdeskError `bad-argument`, `bad-option` */
export async function lookAtConsole(
  context: AgentContext,
  { data, options }: Params<'console.look'>,
): Promise<ConsoleLook> {
  const { name, host, leftOut, once } = (await read({ context }, data, options, undefined)).file;
  return { name, host, leftOut: [...leftOut], once };
}

/**
 * Resolves when the console is on the screen.
 * @throws HotdeskError `bad-argument`, `bad-option`, `viewer-missing`, `viewer-failed`, `no-seat`, `cancelled`
 */
export async function openConsole(
  deps: ConsoleDeps,
  { data, options: given, seat }: Params<'console.open'>,
  signal: AbortSignal,
  report: (text: string) => void,
): Promise<ActionResult> {
  const { context } = deps;
  if (seat === undefined) {
    throw new HotdeskError('no-seat', 'A console needs a display to be shown on.', {
      hint: 'Run this in a terminal on your desktop (DISPLAY is not set here).',
    });
  }
  const began = Date.now();
  const seatEnv = await deps.pickSeat(seat);
  const { file, options, here } = await read(deps, data, given, seat);
  const whole = await complete(file, deps.prompter, signal);
  report(`opening ${file.name}`);
  const running = await launch(deps, { file: whole, options, here, seat: seatEnv }, signal);
  const { viewerId, ref, localId } = running;
  const since = Math.floor(Date.now() / 1000);
  const place = { hostKey: here.key, backend: PROFILE, localId };
  const viewer = { id: viewerId, ref, ...place, seat, pid: running.pid, since, state: 'opening' } as const;
  context.viewers.add(
    viewer,
    {
      pid: running.pid,
      shown: running.shown,
      exited: running.exited.then(({ code, signal: by, said }) => `${by ?? code ?? '?'} ${said}`.trim()),
      stop: async () => void (await running.terminate()),
    },
    async () => {},
  );
  try {
    await orAbort(running.shown, signal);
  } catch (error) {
    await running.terminate();
    throw explained(toHotdeskError(error), whole, running.said, {
      name: deps.about?.name,
      nla: options.security === 'nla',
    });
  }
  // It has read what may hold a password.
  for (const path of running.files) rmSync(path, { force: true, recursive: true });
  void running.exited.then(() => context.refresh(here)).catch(() => {});
  const shown = context.viewers.shown(viewerId);
  const watcher = { viewerId, hostId: context.me.hostId, host: context.me.host };
  const session = context.remember(here, {
    ...{ backend: PROFILE, localId, name: file.name, kind: 'console', startedAt: since, pid: running.pid },
    ...{ watchers: [watcher], state: 'live' },
  });
  return {
    session,
    ...(shown ? { viewer: shown } : {}),
    leftOut: [...file.leftOut],
    timings: { total: Date.now() - began },
  };
}

async function read(
  { context, about }: Pick<ConsoleDeps, 'context' | 'about'>,
  data: string,
  given: OptionValues,
  seat: string | undefined,
) {
  const here = context.rows().hosts.find((host) => host.state === 'local');
  if (!here) throw new HotdeskError('internal', 'This machine has no row.');
  const backend = await context.backend(here, PROFILE);
  const bytes = Buffer.from(data, 'base64');
  const host = about ?? here;
  const optionsFor = (session: string) => context.options(backend, { host, session, seat }, given);
  const general = await optionsFor('');
  // Its name decides which settings count, and settings do not change its name.
  const name = about?.name ?? readConsole(bytes, wishesOf(general)).name;
  const named = await optionsFor(name);
  const options = about ? named : { ...named, ...givenOf(named, general) };
  return { file: { ...readConsole(bytes, wishesOf(options)), name }, options, here };
}

/** Each gives the other side something of this machine, or has it run something. */
const GIVING = ['programs', 'microphone', 'printers', 'smartcard', 'usb', 'drives'];

/** Of those a name that a stranger wrote into a file can be refused one, and not be given any. */
function givenOf(named: OptionValues, general: OptionValues): OptionValues {
  const given = GIVING.map((name) => [name, named[name] ? general[name] : named[name]]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** The options that `profiles/console.yaml` declares. */
function wishesOf(options: OptionValues): ConsoleWishes {
  const either = (name: string) => {
    const value = options[name];
    return value === 'yes' || value === 'no' ? value : 'file';
  };
  const geometry = String(options.geometry ?? 'file');
  return {
    fullscreen: either('fullscreen'),
    clipboard: either('clipboard'),
    sound: either('sound'),
    scaling: either('scaling'),
    geometry,
    depth: String(options.depth ?? 'file'),
    programs: options.programs === true,
    microphone: options.microphone === true,
    printers: options.printers === true,
    smartcard: options.smartcard === true,
    usb: options.usb === true,
  };
}

/** With the password that it lacks, where somebody can be asked; a server may have a login screen of its own. */
async function complete(
  file: ConsoleFile,
  prompter: Prompter | undefined,
  signal: AbortSignal,
): Promise<ConsoleFile> {
  if (!file.asks || !prompter) return file;
  const user = sanitise(file.asks.user, 120);
  const host = sanitise(file.asks.host, 120);
  const answers = await prompter.ask(
    {
      ...{ kind: 'password', host, user, port: file.asks.port, attempt: 1, attempts: 1 },
      title: `RDP password of ${user} on ${host}`,
      instruction: '',
      prompts: [{ prompt: `RDP password of ${user} on ${host} (empty: none): `, echo: false }],
    },
    signal,
  );
  if (answers === undefined) {
    throw new HotdeskError('auth-failed', `No password was given for ${user} on ${host}.`, {
      hint: 'Run it in a terminal, which asks for it.',
    });
  }
  const [password = ''] = answers;
  return password === '' ? file : withPassword(file, password);
}

interface Launched extends RunningViewer {
  readonly viewerId: string;
  readonly ref: string;
  /** Its process: the session is there as long as that. */
  readonly localId: string;
  readonly said: Said;
  readonly files: readonly string[];
}

async function launch(
  { context, env, folder: viewerFolder, prefer }: ConsoleDeps,
  { file, options, here, seat }: { file: ConsoleFile; options: OptionValues; here: Host; seat: Seat },
  signal: AbortSignal,
): Promise<Launched> {
  const viewerId = randomId();
  const form = file.format === 'vv' && !file.hasPassword ? 'asks' : file.format;
  const { profile } = await context.backend(here, PROFILE);
  const command = await viewerCommand(
    profile,
    {
      view: { mode: 'take', options, viewer: { viewerId, ...context.me } },
      session: { localId: viewerId, name: file.name },
      ref: '',
      seat: seat.kind,
      hotdesk: [],
      folder: viewerFolder,
      prefer,
      takes: form,
      secrets: { vv: '', asks: '', rdp: '', [form]: file.text },
    },
    async (program) => (await locate(program, env.PATH)) !== undefined,
  );
  const said: Said = {};
  // FreeRDP takes what its own files know for right too, whatever certificate it is told: here it has none.
  const folder = options.certificate === '' ? undefined : join(viewerFolder, `${viewerId}.config`);
  const program =
    folder === undefined ? command : { ...command, folder, env: { ...command.env, XDG_CONFIG_HOME: folder } };
  const running = await launchViewer(program, seat, { env, signal, onLine: (line) => hear(said, line) });
  const localId = String(running.pid);
  const files = [...command.files.map(({ path }) => path), ...(folder === undefined ? [] : [folder])];
  return {
    ...running,
    viewerId,
    localId,
    said,
    files,
    ref: formatRef({ backend: PROFILE, localId }, here.name),
  };
}
