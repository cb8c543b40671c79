/** Starts a session by its profile: launch, say where it will be, wait until it is ready, or leave nothing. */
import { cancelled, throwIfAborted } from '../kernel/abort.ts';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { randomId } from '../kernel/ids.ts';
import { sanitise, sanitiseName } from '../kernel/text.ts';
import type { Endpoint, Machine } from '../model/machine.ts';
import type { Profile } from '../model/profile.ts';
import type { StartRequest, StartStage } from './backend.ts';
import { checkOptions, optionArgs } from './options.ts';
import { type Fields, parseKeyValues } from './parse.ts';
import { renderText, type Values } from './render.ts';
import { withRoom } from './room.ts';
import { runCommand } from './run.ts';

const HANGS = 'Something there hangs: see `hotdesk doctor HOST`, or choose another backend with `--backend`.';

export interface Started {
  readonly localId: string;
  readonly name: string;
  /** What the launch put out. */
  readonly place: Fields;
}

/**
 * @param endpointOf where viewers will connect, from what the launch put out; undefined where they
 * are told only when they connect
 */
export async function startSession(
  profile: Profile,
  machine: Machine,
  request: StartRequest,
  endpointOf: (place: Fields, localId: string) => Endpoint | undefined,
  onStage: (stage: StartStage) => void,
  signal?: AbortSignal,
): Promise<Started> {
  const { start } = profile;
  if (!start)
    throw new HotdeskError('not-supported', `${profile.name} sessions cannot be started from here.`);
  if (!profile.kinds.includes(request.kind)) {
    throw new HotdeskError('not-supported', `${profile.name} starts no ${request.kind} sessions.`, {
      hint: `It starts: ${profile.kinds.join(', ')}.`,
    });
  }
  if (request.command.some((word) => word.includes('\0'))) {
    throw new HotdeskError('bad-argument', 'A command cannot hold a NUL character.');
  }
  if (request.kind === 'app' && !request.command[0]) {
    throw new HotdeskError('bad-argument', 'An application was expected.', { hint: 'Write it after `--`.' });
  }
  const late = new HotdeskError(
    'timeout',
    `${request.command[0] ?? profile.name} was not ready on ${machine.name} after ${start.timeout} s.`,
    { hint: HANGS },
  );
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(late), start.timeout * 1000);
  const onAbort = () => limit.abort(cancelled(signal));
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for (let left = start.retry?.times ?? 1; ; left -= 1) {
      try {
        // Not raced against the signal: whoever cancels may rely on it that the undo is done.
        return await attempt(profile, machine, request, endpointOf, onStage, limit.signal);
      } catch (thrown) {
        const error = toHotdeskError(thrown);
        if (limit.signal.aborted) throw error;
        if (error.code !== start.retry?.on || left <= 1) throw await withRoom(error, machine);
      }
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

async function attempt(
  profile: Profile,
  machine: Machine,
  request: StartRequest,
  endpointOf: (place: Fields, localId: string) => Endpoint | undefined,
  onStage: (stage: StartStage) => void,
  signal: AbortSignal,
): Promise<Started> {
  const { start } = profile;
  if (!start) throw new HotdeskError('internal', 'A start without its section.');
  const options = checkOptions(profile, request.options);
  const name = sanitiseName(request.name, profile.name);
  const values: Values = {
    ...options,
    startId: randomId(),
    name,
    command: request.command,
    application: request.command[0],
    cwd: request.cwd,
    kind: request.kind,
    viewerComes: request.viewerComes === true,
    options: optionArgs(profile, 'start', options),
  };
  throwIfAborted(signal);
  try {
    // Not given the signal: a launch that is cut off half way could not be undone. It returns at once.
    const secrets = { password: request.password };
    const launched = await runCommand(machine, profile, start.launch, values, { secrets });
    throwIfAborted(signal);
    const place = parseKeyValues(launched.stdout.toString('utf8'), start.output);
    const localId = renderText(start.localId, place);
    if (!localId) {
      throw new HotdeskError('start-failed', `${machine.name} did not say where it started ${profile.name}.`);
    }
    onStage({ stage: 'placed', localId, endpoint: endpointOf(place, localId) });
    const open = withoutSecrets(profile, place);
    await runCommand(machine, profile, start.ready, { ...values, ...open, localId }, { signal });
    throwIfAborted(signal);
    onStage({ stage: 'ready', localId });
    return { localId, name, place };
  } catch (thrown) {
    const error = signal.aborted ? cancelled(signal) : withName(toHotdeskError(thrown), request);
    // The first error is the one that tells; of the other no more than that undo never came, or to no end.
    const undone = await runCommand(machine, profile, start.undo, values).catch(toHotdeskError);
    const isLeft = undone instanceof HotdeskError && ['connection-lost', 'timeout'].includes(undone.code);
    throw isLeft ? withLeft(error, machine) : error;
  }
}

/** Nobody could take back what was begun, and nobody shall end it behind the user's back. */
function withLeft(error: HotdeskError, { name }: Machine): HotdeskError {
  const left = `It may have begun on ${name} all the same: see \`hotdesk list\` when that answers again.`;
  return new HotdeskError(error.code, error.message, {
    hint: error.hint ? `${error.hint} ${left}` : left,
    cause: error,
  });
}

/** What lets a viewer in is for its private files alone. */
function withoutSecrets({ connect }: Profile, place: Fields): Fields {
  const secrets = new Set(connect?.secrets);
  return Object.fromEntries(Object.entries(place).filter(([name]) => !secrets.has(name)));
}

/** The sentence for a failed application names it, and that for a folder the folder. */
function withName(error: HotdeskError, request: StartRequest): HotdeskError {
  // Whatever shell it is: `sh: 3: cd: can't cd to /x`, `sh: line 3: cd: /x: No such file or directory`.
  if (request.cwd && error.message.includes(': cd: ') && error.message.includes(request.cwd)) {
    return new HotdeskError(
      'start-failed',
      `There is no folder ${sanitise(request.cwd)} that it could run in.`,
      {
        hint: 'Give one of that host: `--cwd FOLDER`.',
        cause: error,
      },
    );
  }
  const [program = 'The shell'] = request.command;
  const name = sanitiseName(program, 'It');
  if (error.code === 'application-exited') {
    return new HotdeskError(error.code, `${name} ended at once: ${error.message}`, {
      hint: 'Run it by hand on that host to see more.',
      cause: error,
    });
  }
  if (error.code === 'timeout') {
    return new HotdeskError('timeout', `${name} was not ready: ${error.message}`, {
      hint: HANGS,
      cause: error,
    });
  }
  if (error.code === 'application-missing') {
    return new HotdeskError(error.code, `${name} cannot be run there: ${error.message}`, {
      hint: 'Install it on that host, or give its whole path.',
      cause: error,
    });
  }
  return error;
}
