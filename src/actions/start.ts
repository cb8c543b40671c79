/** Starts an application, desktop or terminal on a host and, if asked, shows it here at the same time. */
import { basename } from 'node:path';
import { HotdeskError, toHotdeskError } from '../kernel/errors.ts';
import { sanitise } from '../kernel/text.ts';
import type { Host } from '../model/host.ts';
import { freeName } from '../model/ref.ts';
import type { HostSession, Session, SessionKind } from '../model/session.ts';
import type { Viewer } from '../model/viewer.ts';
import type { Backend, StartStage } from '../profiles/backend.ts';
import { livesByViewer } from '../profiles/not-kept.ts';
import type { ActionResult } from '../protocol/api.ts';
import { chooseBackend } from './choose.ts';
import type { ActionContext, Options, Report } from './context.ts';

export interface StartAction {
  readonly host: Host;
  readonly command: readonly string[];
  readonly backend?: string | undefined;
  /** Why that backend, where it was not the person who starts it that named it. */
  readonly why?: string | undefined;
  readonly name?: string | undefined;
  readonly kind?: SessionKind | undefined;
  readonly options: Options;
  readonly cwd?: string | undefined;
  readonly attach: boolean;
  /** Seat of this machine. */
  readonly seat?: string | undefined;
}

/** A start whose session cannot be without its viewer is given up so long after that, in ms. */
const LATE_MS = 2000;

/** @throws HotdeskError as `Backend.start` does; the session goes on when only its viewer failed. */
export async function start(
  context: ActionContext,
  request: StartAction,
  signal: AbortSignal,
  report: Report,
): Promise<ActionResult> {
  const began = Date.now();
  const timings: Record<string, number> = {};
  const mark = (name: string) => {
    timings[name] = Date.now() - began;
  };
  const chosen = await choose(context, request, signal);
  const { backend, why } = chosen;
  const kind = kindOf(backend, request);
  const taken = context.rows().sessions.filter((s) => s.hostKey === request.host.key);
  const name =
    request.name ??
    freeName(
      defaultName(request.command, kind),
      taken.map((s) => s.name),
    );
  const options = await context.options(
    backend,
    { host: request.host, session: name, seat: request.seat },
    request.options,
  );
  mark('connected');
  const outcome = await context.withPassword(backend, request.host, signal, report, (password) =>
    run(context, { request, ...chosen, kind, name, options, password }, mark, signal, report),
  );
  if (outcome instanceof HotdeskError) throw outcome;
  return { ...outcome, why, timings };
}

interface Run {
  readonly request: StartAction;
  readonly backend: Backend;
  readonly isThere: 'known' | 'seen';
  readonly kind: SessionKind;
  readonly name: string;
  readonly options: Options;
  readonly password: string | undefined;
}

/** @returns an error where the session was started and could not be shown */
async function run(
  context: ActionContext,
  { request, backend, isThere, kind, name, options, password }: Run,
  mark: (name: string) => void,
  signal: AbortSignal,
  report: Report,
): Promise<Pick<ActionResult, 'session' | 'viewer' | 'wantsTerminal'> | HotdeskError> {
  const wantsTerminal = kind === 'terminal' && request.seat === undefined;
  const early = new EarlyViewer((opening, placed) =>
    openViewer(
      context,
      { ...request, password },
      backend,
      { localId: placed.localId, name },
      opening,
      placed,
    ),
  );
  const viewerComes = request.attach && request.seat !== undefined;
  const alone = new AbortController();
  let late: NodeJS.Timeout | undefined;
  const forward = () => early.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  let running: Session | undefined;
  try {
    report(`starting ${name} on ${request.host.name}`);
    const session = await backend.start(
      { name, command: request.command, kind, options, cwd: request.cwd, viewerComes, password },
      (stage) => {
        mark(stage.stage);
        if (stage.stage !== 'placed' || !stage.endpoint || !viewerComes) return;
        early.open(stage);
        // What lives by its viewer does not come without.
        if (!livesByViewer(backend.profile)) return;
        void early.viewer?.then((shown) => {
          // The host knows better why, and is about to say.
          if (shown instanceof HotdeskError) late = setTimeout(() => alone.abort(shown), LATE_MS);
        });
      },
      AbortSignal.any([signal, alone.signal]),
    );
    running = session;
    mark('running');
    const started = context.remember(request.host, session);
    if (!request.attach) return { session: started };
    if (wantsTerminal) return { session: started, wantsTerminal: true };
    if (request.seat === undefined) return { session: started };
    report(`opening ${name}`);
    const shown = await (early.viewer ??
      openViewer(context, { ...request, password }, backend, session, signal));
    if (shown instanceof HotdeskError && shown.code === 'cancelled') throw shown;
    if (shown instanceof HotdeskError) return await notShown(context, request.host, backend, started, shown);
    mark('shown');
    return { session: started, viewer: shown };
  } catch (error) {
    early.abort(toHotdeskError(error));
    await early.viewer;
    if (!running && isThere === 'known') await mustBeThere(backend, request.host, error, signal);
    // Who stops a start does not want what it started.
    if (running && toHotdeskError(error).code === 'cancelled') {
      await backend.stop(running.localId);
      await context.refresh(request.host);
    }
    throw error;
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', forward);
  }
}

type Placed = StartStage & { stage: 'placed' };

/** The viewer that is got ready while its session starts. */
class EarlyViewer {
  readonly #launch: (signal: AbortSignal, placed: Placed) => Promise<Viewer | HotdeskError>;
  #opening = new AbortController();
  viewer: Promise<Viewer | HotdeskError> | undefined;

  constructor(launch: (signal: AbortSignal, placed: Placed) => Promise<Viewer | HotdeskError>) {
    this.#launch = launch;
  }

  /** A place that was lost to somebody else is told again as another one: the first viewer is of no use. */
  open(placed: Placed): void {
    this.#opening.abort(new HotdeskError('cancelled', 'The session starts at another place.'));
    this.#opening = new AbortController();
    this.viewer = this.#launch(this.#opening.signal, placed);
  }

  abort(reason: unknown): void {
    this.#opening.abort(reason);
  }
}

async function openViewer(
  context: ActionContext,
  request: StartAction & { readonly password: string | undefined },
  backend: Backend,
  session: { localId: string; name: string },
  signal: AbortSignal,
  placed?: Placed,
): Promise<Viewer | HotdeskError> {
  const { host, seat, password } = request;
  if (seat === undefined) return new HotdeskError('no-seat', 'There is no display to show it on.');
  try {
    const options = await context.options(backend, { host, session: session.name, seat }, request.options);
    return await context.viewers.open(
      { host, backend, session, seat, mode: 'take', options, password, endpoint: placed?.endpoint },
      signal,
    );
  } catch (error) {
    return toHotdeskError(error);
  }
}

/** It goes on where only its viewer failed; or the viewer failed because it has ended. */
async function notShown(
  context: ActionContext,
  host: Host,
  backend: Backend,
  { ref, name, localId }: HostSession,
  error: HotdeskError,
): Promise<HotdeskError> {
  const found = await backend.info(localId).catch(toHotdeskError);
  if (found instanceof HotdeskError && found.code === 'session-gone') {
    await context.refresh(host);
    return new HotdeskError('application-exited', `${name} was started, and ended before it was shown.`, {
      hint: 'Run it by hand on that host to see more.',
      cause: error,
    });
  }
  return new HotdeskError(error.code, `${ref} was started, but could not be shown: ${error.message}`, {
    hint: `${error.hint ? `${error.hint} ` : ''}It goes on running: \`hotdesk attach ${ref}\`, or \`hotdesk stop ${ref}\`.`,
    cause: error,
  });
}

async function choose(
  context: ActionContext,
  request: StartAction,
  signal: AbortSignal,
): Promise<{ backend: Backend; why: string; isThere: 'known' | 'seen' }> {
  const { host, seat } = request;
  if (request.backend) {
    const backend = await context.backend(host, request.backend, signal);
    const why = request.why ?? `${request.backend} was asked for.`;
    // What the host says it has is not looked for again before: a start that fails is soon enough.
    const said = await context.backendsOn(host, signal);
    if (isSure(backend) && said.some(({ profile }) => profile.name === request.backend))
      return { backend, why, isThere: 'known' };
    const found = await backend.detect(signal);
    if (!found.present) throw missing(backend, host, found.missing);
    return { backend, why, isThere: 'seen' };
  }
  const wanted = request.kind ?? (request.command.length > 0 ? 'app' : 'terminal');
  const there = await context.backendsOn(host, signal);
  // What lives by its viewer keeps nothing: only who asks for it gets it.
  const able = there.filter(({ profile }) => profile.can.includes('start') && !livesByViewer(profile));
  for (let left = able; ; ) {
    const choice = await chooseBackend(
      host.name,
      wanted,
      left.map(({ profile }) => profile),
      request.attach && seat !== undefined
        ? async (name) => {
            const backend = left.find((each) => each.profile.name === name);
            return backend !== undefined && context.canShow(backend, seat);
          }
        : undefined,
      context.preferred(),
    );
    const backend = left.find((each) => each.profile.name === choice?.name);
    if (!backend || !choice) {
      throw new HotdeskError('backend-missing', `${host.name} has nothing that could run a session.`, {
        hint: `\`hotdesk setup ${host.name}\` installs what is missing there; \`hotdesk doctor ${host.name}\` names the commands.`,
      });
    }
    if (isSure(backend)) return { backend, why: choice.why, isThere: 'known' };
    if ((await backend.detect(signal)).present) return { backend, why: choice.why, isThere: 'seen' };
    left = left.filter((each) => each !== backend);
  }
}

/** Or does only a start of it tell whether it runs? */
function isSure({ profile }: Backend): boolean {
  return profile.detect.host.trial === undefined;
}

/** A start may have failed because the backend is not there any more. @throws HotdeskError `backend-missing` then */
async function mustBeThere(
  backend: Backend,
  host: Host,
  thrown: unknown,
  signal: AbortSignal,
): Promise<void> {
  const { code } = toHotdeskError(thrown);
  if (
    ![
      'backend-missing',
      'start-failed',
      'application-missing',
      'application-exited',
      'command-failed',
    ].includes(code)
  )
    return;
  const found = await backend.detect(signal).catch(() => undefined);
  if (found && !found.present) throw missing(backend, host, found.missing);
}

function missing(
  backend: Backend,
  host: Host,
  why: { readonly message: string; readonly hint: string } | undefined,
): HotdeskError {
  const message = why?.message ?? `${backend.profile.name} is not installed`;
  return new HotdeskError('backend-missing', `${host.name}: ${message}`, { hint: why?.hint });
}

/** What the backend makes of it: an application in tmux is a terminal. */
function kindOf({ profile }: Backend, { kind, command }: StartAction): SessionKind {
  const { kinds } = profile;
  if (kind && kinds.includes(kind)) return kind;
  return (command.length === 0 ? kinds.find((k) => k !== 'app') : undefined) ?? kinds[0] ?? 'app';
}

/** `/usr/bin/xterm -e top` → `xterm`; no command → the kind. */
function defaultName(command: readonly string[], kind: SessionKind): string {
  const first = command[0];
  return (first === undefined ? '' : sanitise(basename(first), 60)) || kind;
}
